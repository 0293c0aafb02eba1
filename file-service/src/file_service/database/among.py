"""Compares a column with a list of any length."""

from collections.abc import Collection
from typing import TypeVar

from sqlalchemy import ColumnElement, any_, literal
from sqlalchemy.dialects.postgresql import ARRAY

T = TypeVar("T")


def among(column: ColumnElement[T], values: Collection[T]) -> ColumnElement[bool]:
    # Not IN: it takes a parameter for each value, and PostgreSQL has no more than 32,767 of those.
    return column == any_(literal(list(values), ARRAY(column.type)))

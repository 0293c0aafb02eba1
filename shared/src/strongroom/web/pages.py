"""Keyset pages: `?limit=&cursor=` in, `{items, next_cursor}` out."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel

from strongroom.errors import Unprocessable

Item = TypeVar("Item")
Row = TypeVar("Row")

Limit = Annotated[int, Query(ge=1, le=1000, description="How many items at the most")]
Cursor = Annotated[str | None, Query(max_length=2000, description="`next_cursor` of the page before")]


class InvalidCursor(Unprocessable):
    slug = "invalid-cursor"
    title = "The cursor is not one that this list gave out"


class Page(BaseModel, Generic[Item]):
    items: list[Item]
    next_cursor: str | None


def encode_cursor(*keys: str) -> str:
    """Opaque to clients: the sort keys of the last item that they have."""
    return base64.urlsafe_b64encode(json.dumps(keys).encode()).rstrip(b"=").decode()


def decode_cursor(cursor: str, *, length: int) -> list[str]:
    """The keys that `encode_cursor` was given. Raises InvalidCursor for anything else."""
    try:
        keys = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise InvalidCursor from error
    if not isinstance(keys, list) or len(keys) != length or not all(isinstance(key, str) for key in keys):
        raise InvalidCursor
    return keys


def decode_uuid_cursor(cursor: str | None) -> UUID | None:
    """For lists in the order of their ids. No cursor is the beginning. Raises InvalidCursor."""
    if cursor is None:
        return None
    try:
        return UUID(decode_cursor(cursor, length=1)[0])
    except ValueError as error:
        raise InvalidCursor from error


def page(rows: Sequence[Row], limit: int, *, show: Callable[[Row], Item], cursor: Callable[[Row], str]) -> Page[Item]:
    """A page out of up to `limit + 1` rows: the one too many only tells that there are more."""
    shown = rows[:limit]
    more = len(rows) > limit
    return Page(items=[show(row) for row in shown], next_cursor=cursor(shown[-1]) if more else None)

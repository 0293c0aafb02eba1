"""Hands the parts that `app.py` built to the routes, by their type."""

from typing import Any, TypeVar, cast

from fastapi import Depends, FastAPI
from fastapi.requests import HTTPConnection

T = TypeVar("T")


def provide(app: FastAPI, *parts: object) -> None:
    """Adds `parts` to what `provided` can hand out. Later ones replace earlier ones of the same type."""
    known: dict[type, object] = getattr(app.state, "parts", {})
    app.state.parts = known | {type(one): one for one in parts}


def part(app: FastAPI, kind: type[T]) -> T:
    return cast("T", app.state.parts[kind])


def provided(kind: type[T]) -> Any:
    """A dependency on the part of that type: `FilesDep = Annotated[Files, provided(Files)]`."""

    async def get(connection: HTTPConnection) -> T:
        return part(connection.app, kind)

    return Depends(get)

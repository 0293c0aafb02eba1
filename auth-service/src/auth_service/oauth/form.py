"""Reads OAuth's forms as RFC 6749 §3.2 wants them: every parameter once, empty ones as if left out."""

from typing import TypeVar
from urllib.parse import parse_qsl

from fastapi import Request
from pydantic import BaseModel, ValidationError

from auth_service.oauth.errors import InvalidRequest

_FORM = "application/x-www-form-urlencoded"
_MOST_PARAMETERS = 50

Form = TypeVar("Form", bound=BaseModel)


async def parameters(request: Request) -> dict[str, str]:
    """Raises InvalidRequest. The size of the body is limited before it gets here."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise InvalidRequest(f"The body must be {_FORM}")
    return once_each(await request.body())


def once_each(encoded: bytes) -> dict[str, str]:
    """Raises InvalidRequest for what is repeated, not UTF-8, or has a NUL in it."""
    try:
        pairs = parse_qsl(encoded.decode(), max_num_fields=_MOST_PARAMETERS, errors="strict")
    except ValueError as error:
        raise InvalidRequest from error
    found = dict(pairs)
    if len(found) < len(pairs):
        raise InvalidRequest("A parameter is repeated")
    if any("\0" in value for value in found.values()):
        raise InvalidRequest("A parameter contains NUL")
    return found


def parsed(kind: type[Form], found: dict[str, str]) -> Form:
    """Raises InvalidRequest, naming what is missing."""
    try:
        return kind.model_validate(found)
    except ValidationError as error:
        missing = ", ".join(str(one["loc"][0]) for one in error.errors())
        raise InvalidRequest(f"Missing or malformed: {missing}") from error


def required(value: str | None, name: str) -> str:
    if value is None:
        raise InvalidRequest(f"{name} is missing")
    return value

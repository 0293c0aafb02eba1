"""Reads the forms of the token, revocation and introspection endpoints."""

from typing import TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from auth_service.oauth.errors import InvalidRequest
from auth_service.parameters import MalformedParameters, once_each

_FORM = "application/x-www-form-urlencoded"

Form = TypeVar("Form", bound=BaseModel)


async def parameters(request: Request) -> dict[str, str]:
    """Raises InvalidRequest. The size of the body is limited before it gets here."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise InvalidRequest(f"The body must be {_FORM}")
    try:
        return once_each(await request.body())
    except MalformedParameters as error:
        raise InvalidRequest(error.detail) from error


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

"""Reads what a form on our pages or an app sends: the same fields, urlencoded or in JSON."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from auth_service.parameters import MalformedParameters, once_each
from strongroom.errors import UnsupportedMediaType

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

Body = TypeVar("Body", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Submitted(Generic[Body]):
    body: Body
    by_form: bool


async def submitted(request: Request, kind: type[Body]) -> Submitted[Body]:
    """Raises UnsupportedMediaType, MalformedParameters, RequestValidationError."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in {FORM, JSON}:
        raise UnsupportedMediaType(f"The body must be {JSON} or {FORM}")
    sent = await request.body()
    fields = once_each(sent) if media_type == FORM else _json(sent)
    try:
        return Submitted(kind.model_validate(fields), media_type == FORM)
    except ValidationError as error:
        raise RequestValidationError(
            [{**one, "loc": ("body", *one["loc"])} for one in error.errors(include_input=False, include_context=False)]
        ) from error


def _json(sent: bytes) -> Any:
    try:
        return from_json(sent)
    except ValueError as error:
        raise MalformedParameters("The body is not JSON") from error


def body_of(kind: type[BaseModel]) -> dict[str, Any]:
    """For the description of a route that uses `submitted`."""
    schema = {"schema": kind.model_json_schema()}
    return {"requestBody": {"required": True, "content": {JSON: schema, FORM: schema}}}

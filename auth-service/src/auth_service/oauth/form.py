"""Reads the token endpoint's form as RFC 6749 §3.2 wants it: every parameter once, empty ones as if left out."""

from urllib.parse import parse_qsl

from fastapi import Request
from pydantic import ValidationError

from auth_service.oauth.errors import InvalidRequest
from auth_service.oauth.schemas import TokenRequest

_FORM = "application/x-www-form-urlencoded"
_MOST_PARAMETERS = 50


async def token_form(request: Request) -> TokenRequest:
    """Raises InvalidRequest. The size of the body is limited before it gets here."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise InvalidRequest(f"The body must be {_FORM}")
    body = await request.body()
    try:
        pairs = parse_qsl(body.decode(), max_num_fields=_MOST_PARAMETERS, errors="strict")
    except ValueError as error:  # not UTF-8, or too many
        raise InvalidRequest from error
    parameters = dict(pairs)
    if len(parameters) < len(pairs):
        raise InvalidRequest("A parameter is repeated")
    if any("\0" in value for value in parameters.values()):
        raise InvalidRequest("A parameter contains NUL")
    try:
        return TokenRequest.model_validate(parameters)
    except ValidationError as error:
        raise InvalidRequest("grant_type is missing") from error

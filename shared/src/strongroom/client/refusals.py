"""Reads what a refusal says, and makes the error of it that an app can catch."""

import json
from http import HTTPStatus
from typing import Any

import httpx2

from strongroom.client import errors
from strongroom.client.errors import Refused
from strongroom.retrying import retry_after

_PREFIX = "urn:problem-type:strongroom:"
_LONGEST_TEXT = 1000
_KNOWN = ("type", "title", "status", "detail", "error", "error_description")

_BY_SLUG: dict[str, type[Refused]] = {
    kind.usual_slug: kind
    for kind in (
        errors.SecondFactorNeeded,
        errors.NotReadYet,
        errors.UnreadableFile,
        errors.EventsGone,
        errors.QuotaExceeded,
    )
}
_BY_STATUS: dict[int, type[Refused]] = {
    kind.usual_status: kind
    for kind in (
        errors.Malformed,
        errors.Unauthorized,
        errors.Forbidden,
        errors.NotFound,
        errors.Conflict,
        errors.Gone,
        errors.PreconditionFailed,
        errors.ContentTooLarge,
        errors.Unprocessable,
        errors.Locked,
        errors.TooManyRequests,
        errors.ServerError,
        errors.Unavailable,
        errors.QuotaExceeded,
    )
}
_BY_STATUS |= {502: errors.Unavailable, 504: errors.Unavailable}
# A session that is over: no other token of it is better.
_ENDED = {"revoked-token"}


def refusal(answer: httpx2.Response, body: bytes) -> Refused:
    """Of an answer with a status from 400 on, whoever wrote it. What is no problem document is not quoted."""
    document = _document(body)
    status = answer.status_code
    slug = _slug(document) or f"http-{status}"
    return _kind(status, slug)(
        _text(document.get("title") or document.get("error_description")) or _phrase(status),
        status=status,
        slug=slug,
        detail=_text(document.get("detail")),
        members={name: value for name, value in document.items() if name not in _KNOWN},
        retry_after=retry_after(answer.headers),
        request_id=_text(answer.headers.get("x-request-id")),
    )


def _kind(status: int, slug: str) -> type[Refused]:
    if status == HTTPStatus.UNAUTHORIZED and slug in _ENDED:
        return errors.SignedOut
    if slug == errors.SignInRefused.usual_slug:
        return errors.SignInRefused
    usual = errors.ServerError if status >= HTTPStatus.INTERNAL_SERVER_ERROR else Refused
    return _BY_SLUG.get(slug) or _BY_STATUS.get(status, usual)


def _document(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _slug(document: dict[str, Any]) -> str | None:
    kind, code = document.get("type"), document.get("error")
    if isinstance(kind, str) and kind.startswith(_PREFIX):
        return _text(kind.removeprefix(_PREFIX))
    return _text(code)


def _text(found: object) -> str | None:
    """Nothing that a terminal would obey, and not all of it if it is a book."""
    if not isinstance(found, str):
        return None
    return "".join(one if one.isprintable() else " " for one in found[:_LONGEST_TEXT]) or None


def _phrase(status: int) -> str:
    try:
        return f"{HTTPStatus(status).phrase} (HTTP {status})"
    except ValueError:
        return f"HTTP {status}"

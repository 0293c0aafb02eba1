"""Reads what a token endpoint answers (RFC 6749 §5), and believes little of it."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]{1,8192}=*")  # RFC 6750 §2.1: harmless in a header
_REFUSALS = {"invalid_request", "invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope"}
_ASSUMED_LIFETIME = 60.0  # where the issuer tells none; a refusal tells it all the same
_LONGEST_LIFETIME = 86_400.0


@dataclass(frozen=True, slots=True)
class HeldToken:
    """Renewed in the background from one moment on, and not used from the other on."""

    value: str = field(repr=False)
    renewed_from: float
    used_until: float


class UnusableAnswer(Exception):
    """What was answered is no token. Says why, in words of ours."""


def _object(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnusableAnswer("an answer that is not JSON") from error
    if not isinstance(document, dict):
        raise UnusableAnswer("an answer that is no object")
    return document


def refusal(body: bytes) -> str:
    """The error code of RFC 6749 §5.2, if it is one of those."""
    try:
        code = _object(body).get("error")
    except UnusableAnswer:
        return ""
    return f" {code}" if isinstance(code, str) and code in _REFUSALS else ""


def held_token(body: bytes, now: float) -> HeldToken:
    """RFC 6749 §5.1."""
    answer = _object(body)
    token, kind, lifetime = (answer.get(name) for name in ("access_token", "token_type", "expires_in"))
    if not isinstance(token, str) or _TOKEN.fullmatch(token) is None:
        raise UnusableAnswer("an answer without a token")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise UnusableAnswer("a token of another type")
    if lifetime is None:
        lifetime = _ASSUMED_LIFETIME
    if isinstance(lifetime, bool) or not isinstance(lifetime, int | float) or not lifetime > 0:
        raise UnusableAnswer("a token that expires at no time")
    seconds = float(min(lifetime, _LONGEST_LIFETIME))
    return HeldToken(token, now + seconds - min(60, seconds / 4), now + seconds - min(10, seconds / 8))

"""Checks an authorization request (RFC 6749 §4.1.1, RFC 7636 §4.3, OpenID Connect Core §3.1.2)."""

import re
from dataclasses import dataclass

from auth_service.authorization.errors import BrokenRequest, RequestRefused
from auth_service.authorization.return_address import ReturnAddress
from auth_service.clients.redirects import matches
from auth_service.clients.service import Clients

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_PROMPTS = {"none", "login", "consent", "select_account"}
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """`scope` is what was asked for, None all that the person has. `max_age` is in seconds."""

    back: ReturnAddress
    scope: tuple[str, ...] | None
    code_challenge: str
    nonce: str | None
    prompt: frozenset[str]
    max_age: int | None
    login_hint: str


async def return_address(parameters: dict[str, str], clients: Clients) -> ReturnAddress:
    """Raises BrokenRequest: nobody is ever sent to an address that the client did not register."""
    client = await clients.find(parameters.get("client_id", ""))
    if client is None or not client.redirect_uris:
        raise BrokenRequest("It is not registered here, or not as one that people sign in to")
    redirect_uri = parameters.get("redirect_uri", "")
    if not any(matches(redirect_uri, known) for known in client.redirect_uris):
        raise BrokenRequest("It asked to send you to an address that it did not register")
    return ReturnAddress(client, redirect_uri, parameters.get("state"))


def checked(parameters: dict[str, str], back: ReturnAddress) -> AuthorizationRequest:
    """Raises RequestRefused."""
    for name in ("request", "request_uri"):
        if name in parameters:
            raise RequestRefused(back, f"{name}_not_supported", "Request objects are not supported")
    if parameters.get("response_type") != "code":
        raise RequestRefused(back, "unsupported_response_type", "Only response_type=code is supported")
    if parameters.get("response_mode", "query") != "query":
        raise RequestRefused(back, "invalid_request", "Only response_mode=query is supported")
    if parameters.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(
        parameters.get("code_challenge", "")
    ):
        raise RequestRefused(back, "invalid_request", "PKCE with code_challenge_method=S256 is required")
    if len(parameters.get("nonce", "")) > _LONGEST:
        raise RequestRefused(back, "invalid_request", "The nonce is too long")
    prompt = frozenset(parameters.get("prompt", "").split())
    if not prompt <= _PROMPTS or ("none" in prompt and len(prompt) > 1):
        raise RequestRefused(back, "invalid_request", "The prompt is not a valid one")
    return AuthorizationRequest(
        back=back,
        scope=_scope(parameters, back),
        code_challenge=parameters["code_challenge"],
        nonce=parameters.get("nonce"),
        prompt=prompt,
        max_age=_max_age(parameters, back),
        login_hint=parameters.get("login_hint", "")[:320],
    )


def _scope(parameters: dict[str, str], back: ReturnAddress) -> tuple[str, ...] | None:
    possible = back.client.scopes
    if "scope" not in parameters and possible is None:
        return None
    wanted = tuple(dict.fromkeys(parameters["scope"].split())) if "scope" in parameters else possible
    if not wanted or not (possible is None or set(wanted) <= set(possible)):
        raise RequestRefused(back, "invalid_scope", "The app asks for more than it is registered for")
    return wanted


def _max_age(parameters: dict[str, str], back: ReturnAddress) -> int | None:
    text = parameters.get("max_age")
    if text is None:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > len("999999999"):
        raise RequestRefused(back, "invalid_request", "max_age is not a number of seconds")
    return int(text)

"""Finds out which client speaks at the token, revocation and introspection endpoints (RFC 6749 §2.3)."""

import base64
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import unquote_plus

from fastapi import Depends, Request

from auth_service.clients.repository import Client
from auth_service.clients.service import Clients
from auth_service.oauth.errors import InvalidClient, InvalidRequest
from auth_service.oauth.form import parameters
from auth_service.sessions.console import CONSOLE
from strongroom.web.parts import part

# The client that a request without a client id belongs to: Strongroom's own, public one.
FIRST_PARTY = "strongroom"
# Those that have no registration, and may have whatever a person has. The command line is an app that is built in.
_OWN = {FIRST_PARTY, CONSOLE}


@dataclass(frozen=True, slots=True)
class Caller:
    """`client` is None for the first party. `form` is the request's other parameters."""

    client_id: str
    client: Client | None
    form: dict[str, str]

    @property
    def is_console(self) -> bool:
        return self.client_id == CONSOLE

    @property
    def is_told_passwords(self) -> bool:
        """What is built in has our sign-in page, and shows people nothing that asks for more."""
        return self.client is None or self.client.built_in is None

    @property
    def confidential(self) -> bool:
        return self.client is not None and self.client.secret_digest is not None


async def _caller(request: Request) -> Caller:
    """Raises InvalidClient, and InvalidRequest for a client that authenticates in two ways at once."""
    form = await parameters(request)
    client_id, secret = form.pop("client_id", None), form.pop("client_secret", None)
    basic = _basic(request.headers.get("authorization"))
    if basic is not None:
        if secret is not None or client_id not in {None, basic[0]}:
            raise InvalidRequest("The client authenticates in more than one way")
        client_id, secret = basic[0], basic[1] or None
    client_id = client_id or FIRST_PARTY
    if client_id in _OWN:
        if secret is not None:
            raise InvalidClient
        return Caller(client_id, None, form)
    client = await part(request.app, Clients).authenticate(client_id, secret)
    if client is None:
        raise InvalidClient
    return Caller(client.client_id, client, form)


def _basic(header: str | None) -> tuple[str, str] | None:
    """RFC 7617, with both halves form-encoded first (RFC 6749 §2.3.1). An empty client id is none."""
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError as error:  # not base64, not ASCII, or not UTF-8 behind it
        raise InvalidClient from error
    if not colon:
        raise InvalidClient
    return (unquote_plus(user), unquote_plus(password)) if user else None


CallerDep = Annotated[Caller, Depends(_caller)]

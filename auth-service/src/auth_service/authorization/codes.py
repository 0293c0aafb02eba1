"""Gives out authorization codes and exchanges each for one session (RFC 6749 §4.1, RFC 7636)."""

import base64
import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from auth_service.audit import repository as audit
from auth_service.authorization import repository
from auth_service.authorization.repository import AuthorizationCode
from auth_service.clients.repository import Client
from auth_service.sessions import browser_repository
from auth_service.sessions.browser_repository import BrowserSession
from auth_service.sessions.device import Device
from auth_service.sessions.service import OpenSession, Sessions
from strongroom.database import Database

_LIFETIME = timedelta(seconds=60)
_REMEMBERED = timedelta(days=1)  # so that a code that is used again later still ends what it was used for
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


@dataclass(frozen=True, slots=True)
class Redeemed:
    session: OpenSession
    nonce: str | None
    authenticated_at: datetime


class AuthorizationCodes:
    def __init__(
        self, database: Database, sessions: Sessions, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._clock = clock

    async def issue(
        self,
        *,
        client: Client,
        account_id: UUID,
        redirect_uri: str,
        scope: str,
        nonce: str | None,
        code_challenge: str,
        browser: BrowserSession,
    ) -> str | None:
        """Good for a minute, once; only its hash is stored. None if the person was signed out meanwhile."""
        code = secrets.token_urlsafe(32)
        stored = AuthorizationCode(
            client_id=client.id,
            account_id=account_id,
            redirect_uri=redirect_uri,
            scope=scope,
            nonce=nonce,
            code_challenge=code_challenge,
            authenticated_at=browser.authenticated_at,
            expires_at=self._clock() + _LIFETIME,
        )
        async with self._database.begin() as tx:
            if not await browser_repository.hold(tx, browser):
                return None
            await repository.add_code(tx, _digest(code), stored)
        return code

    async def redeem(
        self, code: str, *, client: Client, redirect_uri: str | None, code_verifier: str, device: Device
    ) -> Redeemed | None:
        """None if it is not good for that. A code that was redeemed before ends the session it was redeemed for."""
        digest = _digest(code)
        async with self._database.begin() as tx:
            await repository.hold_account_of_code(tx, digest)
            known = await repository.lock_code(tx, digest)
            if known is None:
                return None
            if known.session_id is not None:
                await self._sessions.end_within(tx, known.session_id)
                await audit.record(
                    tx, "authorization_code.replayed", account_id=known.account_id, client_id=client.client_id
                )
                return None
            if not self._fits(known, client, redirect_uri, code_verifier):
                await repository.remove_code(tx, digest)  # somebody is trying: it is not given a second chance
                return None
            session = await self._sessions.open_within(
                tx, known.account_id, known.roles, client_id=client.client_id, scope=known.scope, device=device
            )
            await repository.redeemed(tx, digest, session.id)
        return Redeemed(session, known.nonce, known.authenticated_at)

    def _fits(self, known: AuthorizationCode, client: Client, redirect_uri: str | None, verifier: str) -> bool:
        return (
            known.account_enabled
            and known.client_id == client.id
            and known.redirect_uri == redirect_uri
            and self._clock() < known.expires_at
            and _VERIFIER.fullmatch(verifier) is not None
            and hmac.compare_digest(s256(verifier), known.code_challenge)
        )

    async def prune(self) -> None:
        async with self._database.begin() as tx:
            await repository.prune_codes(tx, self._clock() - _REMEMBERED)


def s256(verifier: str) -> str:
    """RFC 7636 §4.2."""
    return base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _digest(code: str) -> bytes:
    return sha256(code.encode()).digest()

"""Registers clients and proves that a program is the one it says it is."""

import hmac
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

from uuid_utils.compat import uuid7

from auth_service.audit import repository as audit
from auth_service.clients import repository
from auth_service.clients.built_in import BUILT_IN, STAND_INS
from auth_service.clients.errors import ClientNotFound, PublicClient
from auth_service.clients.redirects import require_redirect_uri
from auth_service.clients.repository import Client
from auth_service.sessions.service import Sessions
from strongroom.database import Database, Transaction

_SECRET_BYTES = 32


class Clients:
    def __init__(
        self, database: Database, sessions: Sessions, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._clock = clock

    async def register(
        self, name: str, scopes: Sequence[str], redirect_uris: Sequence[str], *, public: bool, actor: UUID
    ) -> tuple[Client, str | None]:
        """The client and its secret, which is told this once; a public client has none. Raises InvalidRedirectUri."""
        for uri in redirect_uris:
            require_redirect_uri(uri)
        secret = None if public else secrets.token_urlsafe(_SECRET_BYTES)
        client = Client(
            id=uuid7(),
            name=name,
            secret_digest=_digest(secret) if secret else None,
            scopes=tuple(dict.fromkeys(scopes)),
            redirect_uris=tuple(dict.fromkeys(redirect_uris)),
            created_at=self._clock(),
        )
        async with self._database.begin() as tx:
            await repository.add(tx, client)
            await audit.record(tx, "client.registered", actor_id=actor, client_id=client.client_id, scopes=list(scopes))
        return client, secret

    async def find(self, client_id: str) -> Client | None:
        if client_id in BUILT_IN:
            return BUILT_IN[client_id]
        try:
            identity = UUID(client_id)
        except ValueError:
            return None
        if str(identity) != client_id or identity in STAND_INS:
            return None  # one client, one id: UUID reads it in braces and capitals too
        async with self._database.reading() as connection:
            return await repository.by_id(connection, identity)

    async def authenticate(self, client_id: str, secret: str | None) -> Client | None:
        """The client, if it is what it says: a confidential one by its secret, a public one by having none."""
        client = await self.find(client_id)
        if client is None:
            return None
        if client.secret_digest is None:
            return client if secret is None else None
        if secret is None or not hmac.compare_digest(_digest(secret), client.secret_digest):
            return None
        return client

    async def listed(self, *, after: UUID | None, limit: int) -> Sequence[Client]:
        async with self._database.reading() as connection:
            return await repository.listed(connection, but=STAND_INS, after=after, limit=limit)

    async def hold_within(self, tx: Transaction, client: Client) -> None:
        """Makes sure that codes and consents can refer to the client: no installation has to prepare a built-in one.

        Every time, since a release that knows it as a row like any other lets administrators remove that.
        """
        if client.built_in:
            await repository.stand_in(tx, client)

    async def renew_secret(self, client_id: UUID, actor: UUID) -> str:
        """A new secret; the old one is void at once, with the tokens for it. Raises ClientNotFound, PublicClient."""
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        async with self._database.begin() as tx:
            client = await repository.by_id(tx, client_id)
            if client is None or client_id in STAND_INS:
                raise ClientNotFound
            if client.secret_digest is None:
                raise PublicClient
            await repository.set_secret(tx, client_id, _digest(secret))
            # Whoever had the old one may have tokens for it, too.
            await self._sessions.refuse_subject_within(tx, str(client_id))
            await audit.record(tx, "client.secret_renewed", actor_id=actor, client_id=str(client_id))
        return secret

    async def remove(self, client_id: UUID, actor: UUID) -> None:
        """With every session it opened; verifiers refuse its tokens at once. Raises ClientNotFound."""
        async with self._database.begin() as tx:
            if client_id in STAND_INS or not await repository.remove(tx, client_id):
                raise ClientNotFound
            await self._sessions.end_of_client_within(tx, str(client_id))
            await self._sessions.refuse_subject_within(tx, str(client_id))
            await audit.record(tx, "client.removed", actor_id=actor, client_id=str(client_id))


def _digest(secret: str) -> bytes:
    # A plain hash is enough: the secret is 256 random bits, so there is nothing to guess.
    return sha256(secret.encode()).digest()

"""Opens sessions and carries them on: each refresh token is good once, and gives its successor."""

import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

import structlog
from uuid_utils.compat import uuid7

from auth_service.audit import repository as audit
from auth_service.revocations import repository as revocations
from auth_service.sessions import browser_repository, repository
from auth_service.sessions.device import Device
from auth_service.sessions.errors import SessionNotFound
from auth_service.sessions.repository import ListedSession, PresentedToken, Session
from strongroom.database import Database, Transaction
from strongroom.revoked import LONGEST_GRANT

log = structlog.get_logger()

_GRACE = timedelta(seconds=10)
_TOKEN_BYTES = 32
_REMEMBERED = timedelta(days=30)
_SKEW = timedelta(minutes=2)  # more than any verifier forgives


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session with the one refresh token that carries it on; this is the only time the token is in the clear.

    `roles` are those that the account had at `at`: what is taken away later voids what is issued as of then.
    """

    id: UUID
    at: datetime
    account_id: UUID
    client_id: str
    scope: str
    roles: tuple[str, ...]
    refresh_token: str
    refresh_expires_at: datetime


class Sessions:
    """A session is a family of refresh tokens. `idle` and `lifetime` say when it ends by itself.

    `token_lifetime` is how long an access token lives at the most: for so long verifiers must know of an ended session,
    and for as long as what services give out in its name can live.
    """

    def __init__(
        self,
        database: Database,
        successor_key: bytes,
        *,
        idle: timedelta,
        lifetime: timedelta,
        token_lifetime: timedelta,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._successor_key = successor_key
        self._idle = idle
        self._lifetime = lifetime
        self._keep = max(token_lifetime, timedelta(seconds=LONGEST_GRANT)) + _SKEW
        self._clock = clock

    async def open(
        self,
        account_id: UUID,
        password_hash: str,
        *,
        client_id: str,
        registered: UUID | None,
        scope: str,
        device: Device,
    ) -> OpenSession | None:
        """`password_hash` is what the account had when it was proved who signs in, `registered` the client, if any.

        None if that has changed since, and if the account or the client is gone: checking a password takes a while.
        """
        async with self._database.begin() as tx:
            roles = await repository.roles_of(tx, account_id, password_hash)
            if roles is None or (registered and not await repository.hold_client(tx, registered)):
                return None
            return await self.open_within(tx, account_id, roles, client_id=client_id, scope=scope, device=device)

    async def open_within(
        self,
        tx: Transaction,
        account_id: UUID,
        roles: tuple[str, ...],
        *,
        client_id: str,
        scope: str,
        device: Device,
    ) -> OpenSession:
        """For a caller who exchanges something for the session: both happen or neither."""
        now = self._clock()
        session = Session(uuid7(), account_id, client_id, scope, created_at=now, expires_at=now + self._lifetime)
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        await repository.add(tx, session, address=device.address, user_agent=device.user_agent)
        expiry = self._token_expiry(session, now)
        await repository.add_token(tx, _digest(token), session.id, expiry)
        await audit.record(tx, "session.opened", account_id=account_id, client_id=client_id, session_id=str(session.id))
        log.info("session.opened", session_id=str(session.id), account_id=str(account_id))
        return _opened(session, now, roles, token, expiry)

    async def end_within(self, tx: Transaction, session_id: UUID) -> None:
        await repository.end(tx, session_id, self._clock(), self._keep)

    async def refresh(self, presented: str, *, client_id: str) -> OpenSession | None:
        """The session with the successor of the presented token, or None if that is good for nothing.

        A spent token gives the same successor again for ten seconds, so that two tabs do not sign a person out. After
        that, or from another client, it has been stolen by or from somebody: its whole family ends.
        """
        digest = _digest(presented)
        successor = self._successor(presented)
        # Decided inside, told outside: raising in the transaction would undo the ending that a replay calls for.
        async with self._database.begin() as tx:
            await repository.hold_account_of_token(tx, digest)
            token = await repository.lock_token(tx, digest)
            now = self._clock()
            if token is None or not self._usable(token, now):
                return None
            if token.session.client_id == client_id and token.spent_at is None:
                expiry = self._token_expiry(token.session, now)
                await repository.spend(tx, digest, token.session.id, now)
                await repository.add_token(tx, _digest(successor), token.session.id, expiry)
                return _opened(token.session, now, token.roles, successor, expiry)
            if token.session.client_id == client_id and token.spent_at and now - token.spent_at <= _GRACE:
                expiry = self._token_expiry(token.session, token.spent_at)
                return _opened(token.session, now, token.roles, successor, expiry)
            await repository.end(tx, token.session.id, now, self._keep)
            await audit.record(
                tx,
                "session.replayed",
                account_id=token.session.account_id,
                client_id=client_id,
                session_id=str(token.session.id),
            )
        log.warning("session.replayed", session_id=str(token.session.id), account_id=str(token.session.account_id))
        return None

    async def listed(self, account_id: UUID) -> Sequence[ListedSession]:
        async with self._database.reading() as connection:
            return await repository.listed(connection, account_id, self._clock())

    async def page(self, account_id: UUID, *, before: UUID | None, limit: int) -> Sequence[ListedSession]:
        async with self._database.reading() as connection:
            return await repository.page(connection, account_id, self._clock(), before=before, limit=limit)

    async def end(self, account_id: UUID, session_id: UUID) -> None:
        """Raises SessionNotFound, also for somebody else's and for one that has ended."""
        async with self._database.begin() as tx:
            if not await repository.end_owned(tx, account_id, session_id, self._clock(), self._keep):
                raise SessionNotFound
            await audit.record(tx, "session.ended", account_id=account_id, session_id=str(session_id))

    async def end_all(self, account_id: UUID, *, but: UUID | None = None, actor: UUID | None = None) -> None:
        """Signs the account out everywhere, or everywhere but in one session."""
        async with self._database.begin() as tx:
            await self.end_all_within(tx, account_id, but=but, actor=actor)

    async def end_all_within(
        self, tx: Transaction, account_id: UUID, *, but: UUID | None = None, actor: UUID | None = None
    ) -> None:
        """For a caller whose own change must not be seen without this one."""
        # In this order: a code that is being redeemed meanwhile is waited for, and the session it opens then ends too.
        await browser_repository.remove_all(tx, account_id)
        ended = await repository.end_all(tx, account_id, self._clock(), self._keep, but=but)
        await audit.record(tx, "session.all_ended", account_id=account_id, actor_id=actor, sessions=ended)

    async def refuse_subject_within(self, tx: Transaction, subject: str) -> None:
        """Every access token that the subject has by now is refused from here on; its sessions stay as they are."""
        await revocations.add(tx, "subject", [subject], self._clock(), self._keep)

    async def refuse_token(self, token_id: str) -> None:
        async with self._database.begin() as tx:
            await revocations.add(tx, "token", [token_id], self._clock(), self._keep)

    async def end_of_client_within(self, tx: Transaction, client_id: str) -> None:
        await repository.end_of_client(tx, client_id, self._clock(), self._keep)

    async def inspect(self, refresh_token: str) -> PresentedToken | None:
        """What a refresh token stands for, if it is still good. It is not used up."""
        async with self._database.reading() as connection:
            token = await repository.by_token(connection, _digest(refresh_token))
        return token if token and token.spent_at is None and self._usable(token, self._clock()) else None

    async def revoke(self, refresh_token: str, *, client_id: str) -> bool:
        """Ends the session of a refresh token, good or spent (RFC 7009 §2.1). Whether it was one of that client's."""
        async with self._database.begin() as tx:
            token = await repository.lock_token(tx, _digest(refresh_token))
            if token is None or token.session.client_id != client_id:
                return False
            if token.session_ended:
                return True
            await repository.end(tx, token.session.id, self._clock(), self._keep)
            await audit.record(
                tx,
                "session.ended",
                account_id=token.session.account_id,
                client_id=client_id,
                session_id=str(token.session.id),
            )
        return True

    async def is_known_address(self, account_id: UUID, address: str) -> bool:
        async with self._database.reading() as connection:
            return await repository.was_used_from(connection, account_id, address)

    async def prune(self) -> None:
        """Forgets what ended a month ago."""
        async with self._database.begin() as tx:
            await repository.prune(tx, self._clock() - _REMEMBERED)

    def _usable(self, token: PresentedToken, now: datetime) -> bool:
        return (
            token.account_enabled
            and not token.session_ended
            and now < token.expires_at
            and now < token.session.expires_at
        )

    def _successor(self, token: str) -> str:
        """Derived, not drawn: the same token has the same successor, without either being stored in the clear."""
        digest = hmac.digest(self._successor_key, token.encode(), "sha256")
        return urlsafe_b64encode(digest).rstrip(b"=").decode()

    def _token_expiry(self, session: Session, now: datetime) -> datetime:
        return min(now + self._idle, session.expires_at)


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()


def _opened(session: Session, at: datetime, roles: tuple[str, ...], token: str, expiry: datetime) -> OpenSession:
    return OpenSession(session.id, at, session.account_id, session.client_id, session.scope, roles, token, expiry)

"""Adds passkeys to an account, and proves by one who somebody is."""

import base64
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from auth_service.accounts.errors import AccountChanged
from auth_service.accounts.repository import Account
from auth_service.audit import repository as audit
from auth_service.mfa import passkey_repository, recovery_codes, repository
from auth_service.mfa.ceremonies import Answer, Ceremonies
from auth_service.mfa.changes import FactorChanges
from auth_service.mfa.errors import InvalidPasskey, PasskeyNotFound, SecondFactorFailed
from auth_service.mfa.passkey_repository import Passkey
from auth_service.one_time import repository as one_time
from strongroom.database import Database, Transaction

_ADDING = "add-passkey"
_SIGNING_IN = "passkey"
_LIFETIME = timedelta(minutes=5)
_CHALLENGE_BYTES = 32


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose passkey it was, and what password the account has at this moment."""

    account_id: UUID
    password_hash: str


class Passkeys:
    def __init__(
        self,
        database: Database,
        ceremonies: Ceremonies,
        changes: FactorChanges,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._ceremonies = ceremonies
        self._changes = changes
        self._clock = clock

    async def begin_adding(self, account: Account) -> dict[str, Any]:
        """Options for the browser. A newer request voids the older one. Raises AccountChanged."""
        challenge = new_challenge()
        async with self._database.begin() as tx:
            # Of two requests at once, the second must see the first to void it.
            await repository.lock_confirmed(tx, account.id, account.password_hash)
            known = await passkey_repository.of_account(tx, account.id)
            await one_time.revoke_all(tx, _ADDING, account.id)
            data, token = {"challenge": challenge}, _adding_token(account.id)
            await one_time.issue(tx, _ADDING, account.id, data, self._clock(), _LIFETIME, token=token)
        return self._ceremonies.creation_options(_bytes(challenge), account.id, account.email, known)

    async def add(self, account_id: UUID, name: str, credential: dict[str, Any]) -> tuple[Passkey, list[str]]:
        """The passkey, and the account's recovery codes if this is its first factor.

        Raises InvalidPasskey: also without a request that is still open.
        """
        async with self._database.begin() as tx:
            asked = await one_time.take(tx, _ADDING, _adding_token(account_id), self._clock())
        if asked is None:
            raise InvalidPasskey("Ask for the options first")
        made = self._ceremonies.created(credential, _bytes(asked.data["challenge"]))
        now = self._clock()
        passkey = Passkey(
            uuid7(), account_id, made.credential_id, made.public_key, made.sign_count, name, now, last_used_at=None
        )
        async with self._database.begin() as tx:
            if await repository.lock_account(tx, account_id) is None:
                raise AccountChanged
            await passkey_repository.add(tx, passkey)
            await self._changes.told_within(tx, "mfa.passkey_added", account_id, passkey=str(passkey.id))
            return passkey, await recovery_codes.make_first(tx, account_id)

    async def listed(self, account_id: UUID) -> Sequence[Passkey]:
        async with self._database.reading() as connection:
            return await passkey_repository.of_account(connection, account_id)

    async def remove(self, account: Account, passkey_id: UUID) -> None:
        """Recovery codes go with the last factor they stand in for. Raises PasskeyNotFound, AccountChanged."""
        async with self._database.begin() as tx:
            await repository.lock_confirmed(tx, account.id, account.password_hash)
            if not await passkey_repository.remove(tx, account.id, passkey_id):
                raise PasskeyNotFound
            await recovery_codes.remove_idle(tx, account.id)
            await self._changes.told_within(tx, "mfa.passkey_removed", account.id, passkey=str(passkey_id))

    async def begin_sign_in(self) -> tuple[str, dict[str, Any]]:
        """A token to come back with, and options for the browser: any passkey of this site may answer."""
        challenge = new_challenge()
        async with self._database.begin() as tx:
            token = await one_time.issue(tx, _SIGNING_IN, None, {"challenge": challenge}, self._clock(), _LIFETIME)
        return token, self._ceremonies.request_options(_bytes(challenge))

    async def sign_in(self, token: str, credential: dict[str, Any]) -> Owner:
        """Raises SecondFactorFailed; the token is used up in any case."""
        async with self._database.begin() as tx:
            asked = await one_time.take(tx, _SIGNING_IN, token, self._clock())
            owner = await self._identified(tx, credential, asked.data["challenge"]) if asked else None
        if owner is None:
            raise SecondFactorFailed
        return owner

    async def _identified(self, tx: Transaction, credential: dict[str, Any], challenge: str) -> Owner | None:
        """Whose passkey answered, where nobody has said before who signs in."""
        found = await self._found(tx, credential)
        if found is None:
            return None
        answer, passkey = found
        # WebAuthn §7.2 step 6: then the passkey must say whose it is, and say the same as we know.
        if answer.user_handle != passkey.account_id.bytes:
            return None
        password_hash = await repository.lock_account(tx, passkey.account_id)
        if password_hash is None or not await self._used(tx, answer, passkey, challenge):
            return None
        return Owner(passkey.account_id, password_hash)

    def options(self, challenge: str, allowed: Sequence[Passkey]) -> dict[str, Any]:
        return self._ceremonies.request_options(_bytes(challenge), allowed)

    async def prove_within(self, tx: Transaction, account_id: UUID, credential: dict[str, Any], challenge: str) -> bool:
        """Whether a passkey of that account answered the challenge. The account is to be locked."""
        found = await self._found(tx, credential)
        if found is None:
            return False
        answer, passkey = found
        if passkey.account_id != account_id or answer.user_handle not in {None, account_id.bytes}:
            return False
        return await self._used(tx, answer, passkey, challenge)

    async def _found(self, tx: Transaction, credential: dict[str, Any]) -> tuple[Answer, Passkey] | None:
        try:
            answer = self._ceremonies.answer(credential)
        except SecondFactorFailed:
            return None
        passkey = await passkey_repository.by_credential(tx, answer.credential_id)
        return (answer, passkey) if passkey else None

    async def _used(self, tx: Transaction, answer: Answer, passkey: Passkey, challenge: str) -> bool:
        """A counter that did not go forward tells of a copied passkey: refused, and that is recorded."""
        try:
            counter = self._ceremonies.verified(answer, _bytes(challenge), passkey)
        except SecondFactorFailed:
            return False
        genuine = await passkey_repository.used(tx, passkey.id, counter, self._clock())
        event = "mfa.passkey_used" if genuine else "mfa.passkey_cloned"
        await audit.record(tx, event, account_id=passkey.account_id, passkey=str(passkey.id))
        return genuine

    async def remove_all(self, tx: Transaction, account_id: UUID) -> None:
        """With what was begun to add one."""
        await passkey_repository.remove_all(tx, account_id)
        await one_time.revoke_all(tx, _ADDING, account_id)


def _adding_token(account_id: UUID) -> str:
    """Adding needs no secret of its own: who asked is known by the access token."""
    return f"{_ADDING} {account_id}"


def new_challenge() -> str:
    return base64.b64encode(secrets.token_bytes(_CHALLENGE_BYTES)).decode()


def _bytes(challenge: str) -> bytes:
    return base64.b64decode(challenge)

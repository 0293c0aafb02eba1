"""Adds passkeys to an account, and proves by one who somebody is."""

import base64
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from auth_service.accounts.repository import Account
from auth_service.audit import repository as audit
from auth_service.mfa import passkey_repository as repository
from auth_service.mfa.ceremonies import Ceremonies
from auth_service.mfa.errors import InvalidPasskey, PasskeyNotFound, SecondFactorFailed
from auth_service.mfa.passkey_repository import Passkey
from auth_service.one_time import repository as one_time
from strongroom.database import Database, Transaction

_ADDING = "add-passkey"
_SIGNING_IN = "passkey"
_LIFETIME = timedelta(minutes=5)
_CHALLENGE_BYTES = 32


class Passkeys:
    def __init__(
        self,
        database: Database,
        ceremonies: Ceremonies,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._ceremonies = ceremonies
        self._clock = clock

    async def begin_adding(self, account: Account) -> dict[str, Any]:
        """Options for the browser. A newer request voids the older one."""
        challenge = secrets.token_bytes(_CHALLENGE_BYTES)
        async with self._database.begin() as tx:
            known = await repository.of_account(tx, account.id)
            await one_time.revoke_all(tx, _ADDING, account.id)
            data = {"challenge": _text(challenge)}
            await one_time.issue(
                tx, _ADDING, account.id, data, self._clock(), _LIFETIME, token=_adding_token(account.id)
            )
        return self._ceremonies.creation_options(challenge, account.id, account.email, known)

    async def add(self, account_id: UUID, name: str, credential: dict[str, Any]) -> Passkey:
        """Raises InvalidPasskey: also without a request that is still open."""
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
            await repository.add(tx, passkey)
            await audit.record(tx, "mfa.passkey_added", account_id=account_id, passkey=str(passkey.id))
        return passkey

    async def listed(self, account_id: UUID) -> Sequence[Passkey]:
        async with self._database.reading() as connection:
            return await repository.of_account(connection, account_id)

    async def remove(self, account_id: UUID, passkey_id: UUID) -> None:
        """Raises PasskeyNotFound."""
        async with self._database.begin() as tx:
            if not await repository.remove(tx, account_id, passkey_id):
                raise PasskeyNotFound
            await audit.record(tx, "mfa.passkey_removed", account_id=account_id, passkey=str(passkey_id))

    async def begin_sign_in(self) -> tuple[str, dict[str, Any]]:
        """A token to come back with, and options for the browser: any passkey of this site may answer."""
        challenge = secrets.token_bytes(_CHALLENGE_BYTES)
        async with self._database.begin() as tx:
            token = await one_time.issue(
                tx, _SIGNING_IN, None, {"challenge": _text(challenge)}, self._clock(), _LIFETIME
            )
        return token, self._ceremonies.request_options(challenge)

    async def sign_in(self, token: str, credential: dict[str, Any]) -> UUID:
        """The account. Raises SecondFactorFailed; the token is used up in any case."""
        async with self._database.begin() as tx:
            asked = await one_time.take(tx, _SIGNING_IN, token, self._clock())
        if asked is None:
            raise SecondFactorFailed
        return await self.prove(credential, _bytes(asked.data["challenge"]))

    def options(self, challenge: bytes, allowed: Sequence[Passkey]) -> dict[str, Any]:
        return self._ceremonies.request_options(challenge, allowed)

    async def prove(self, credential: dict[str, Any], challenge: bytes) -> UUID:
        """Whose passkey answered that challenge. Raises SecondFactorFailed."""
        credential_id = self._ceremonies.credential_id(credential)
        async with self._database.reading() as connection:
            passkey = await repository.by_credential(connection, credential_id)
        if passkey is None:
            raise SecondFactorFailed
        counter = self._ceremonies.answered(credential, challenge, passkey)
        # The refusal of a copied passkey must itself be recorded, so it is raised outside.
        async with self._database.begin() as tx:
            genuine = await repository.used(tx, passkey.id, counter, self._clock())
            if not genuine:
                await audit.record(tx, "mfa.passkey_cloned", account_id=passkey.account_id, passkey=str(passkey.id))
        if not genuine:
            raise SecondFactorFailed
        return passkey.account_id

    async def remove_all(self, tx: Transaction, account_id: UUID) -> None:
        await repository.remove_all(tx, account_id)


def _adding_token(account_id: UUID) -> str:
    """Adding needs no secret of its own: who asked is known by the access token."""
    return f"{_ADDING} {account_id}"


def _text(challenge: bytes) -> str:
    return base64.b64encode(challenge).decode()


def _bytes(challenge: str) -> bytes:
    return base64.b64decode(challenge)

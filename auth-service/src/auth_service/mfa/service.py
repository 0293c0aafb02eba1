"""Asks for a second factor after a password, and judges it."""

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from auth_service.attempts.service import Attempts
from auth_service.audit import repository as audit
from auth_service.keys.sealing import MasterKey
from auth_service.mfa import repository
from auth_service.mfa.codes import matching_step, recovery_digest
from auth_service.mfa.errors import SecondFactorFailed
from auth_service.mfa.passkeys import Passkeys
from auth_service.one_time import repository as one_time
from auth_service.one_time.repository import OneTimeToken
from strongroom.database import Database, Transaction

_PURPOSE = "mfa"
_LIFETIME = timedelta(minutes=5)
_MOST_TRIES = 5


@dataclass(frozen=True, slots=True)
class Redeemed:
    """`data` is what was given to `challenge`."""

    account_id: UUID
    data: dict[str, str]


class SecondFactors:
    def __init__(
        self,
        database: Database,
        master_key: MasterKey,
        attempts: Attempts,
        passkeys: Passkeys,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._master_key = master_key
        self._attempts = attempts
        self._passkeys = passkeys
        self._clock = clock

    async def needed(self, account_id: UUID) -> tuple[str, ...]:
        """The methods that the account can use; none if a password is enough."""
        async with self._database.reading() as connection:
            has = await repository.factors(connection, account_id)
        if not has.totp and not has.passkeys:
            return ()
        offered = {"totp": has.totp, "passkey": bool(has.passkeys), "recovery_code": bool(has.recovery_codes)}
        return tuple(method for method, there in offered.items() if there)

    async def challenge(self, account_id: UUID, data: dict[str, str]) -> str:
        """A token that says the password was right: good once, five tries, five minutes."""
        challenge = base64.b64encode(secrets.token_bytes(32)).decode()
        stored = {"data": data, "tries": 0, "challenge": challenge}
        async with self._database.begin() as tx:
            return await one_time.issue(tx, _PURPOSE, account_id, stored, self._clock(), _LIFETIME)

    async def options(self, mfa_token: str) -> dict[str, Any]:
        """What the browser asks the account's passkeys with. Raises SecondFactorFailed."""
        async with self._database.reading() as connection:
            asked = await one_time.peek(connection, _PURPOSE, mfa_token, self._clock())
        if asked is None or asked.account_id is None:
            raise SecondFactorFailed
        allowed = await self._passkeys.listed(asked.account_id)
        return self._passkeys.options(base64.b64decode(asked.data["challenge"]), allowed)

    async def redeem(
        self, mfa_token: str, *, code: str | None = None, passkey: dict[str, Any] | None = None
    ) -> Redeemed:
        """`code` is one of the authenticator app, or a recovery code. Raises SecondFactorFailed, TooManyAttempts."""
        async with self._database.reading() as connection:
            asked = await one_time.peek(connection, _PURPOSE, mfa_token, self._clock())
        if asked is None or asked.account_id is None:
            raise SecondFactorFailed
        await self._attempts.begin("second-factor", str(asked.account_id))
        if passkey is not None:
            owner = await self._passkeys.prove(passkey, base64.b64decode(asked.data["challenge"]))
            right = owner == asked.account_id and await self._consume(mfa_token)
        else:
            right = await self._redeem_code(mfa_token, code or "")
        if not right:
            raise SecondFactorFailed
        await self._attempts.succeeded("second-factor", str(asked.account_id))
        return Redeemed(asked.account_id, dict(asked.data["data"]))

    async def _consume(self, mfa_token: str) -> bool:
        async with self._database.begin() as tx:
            return await one_time.take(tx, _PURPOSE, mfa_token, self._clock()) is not None

    async def _redeem_code(self, mfa_token: str, code: str) -> bool:
        # One transaction: the code and the token are used up together, or the try is counted.
        async with self._database.begin() as tx:
            asked = await one_time.lock(tx, _PURPOSE, mfa_token, self._clock())
            if asked is None or asked.data["tries"] >= _MOST_TRIES:
                return False
            if await self._uses_up(tx, asked, code):
                await one_time.take(tx, _PURPOSE, mfa_token, self._clock())
                return True
            await one_time.set_data(tx, mfa_token, {**asked.data, "tries": asked.data["tries"] + 1})
        return False

    async def _uses_up(self, tx: Transaction, asked: OneTimeToken, code: str) -> bool:
        assert asked.account_id is not None
        stored = await repository.totp(tx, asked.account_id)
        if stored is not None and stored.confirmed:
            secret = self._master_key.open(stored.sealed_secret, str(asked.account_id)).decode()
            step = matching_step(secret, "".join(code.split()), self._clock())
            if step is not None and await repository.use_step(tx, asked.account_id, step):
                return True
        if await repository.use_recovery_code(tx, asked.account_id, recovery_digest(code)):
            await audit.record(tx, "mfa.recovery_code_used", account_id=asked.account_id)
            return True
        return False

    async def begin_passkey_sign_in(self) -> tuple[str, dict[str, Any]]:
        return await self._passkeys.begin_sign_in()

    async def sign_in_with_passkey(self, passkey_token: str, credential: dict[str, Any]) -> UUID:
        """The account. Raises SecondFactorFailed."""
        return await self._passkeys.sign_in(passkey_token, credential)

    async def reset(self, account_id: UUID, actor: UUID) -> None:
        """Removes every factor: for somebody who lost them all, and proved to an administrator who they are."""
        async with self._database.begin() as tx:
            await repository.remove_totp(tx, account_id)
            await repository.replace_recovery_codes(tx, account_id, ())
            await self._passkeys.remove_all(tx, account_id)
            await audit.record(tx, "mfa.reset", account_id=account_id, actor_id=actor)

"""Asks for a second factor after a password, and judges it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from auth_service.accounts.addresses import SECOND_STEP
from auth_service.audit import repository as audit
from auth_service.keys.sealing import MasterKey
from auth_service.mfa import recovery_codes, repository
from auth_service.mfa.changes import FactorChanges
from auth_service.mfa.codes import matching_step
from auth_service.mfa.errors import SecondFactorFailed
from auth_service.mfa.passkeys import Owner, Passkeys, new_challenge
from auth_service.one_time import repository as one_time
from auth_service.one_time.repository import OneTimeToken
from strongroom.database import Database, Transaction
from strongroom.database.attempts import GUESSES, Attempts, Limit

_LIFETIME = timedelta(minutes=5)
_MOST_TRIES = 5


@dataclass(frozen=True, slots=True)
class Redeemed:
    """`data` is what was given to `challenge`, `password_hash` what the account has at this moment."""

    account_id: UUID
    password_hash: str
    data: dict[str, str]


class SecondFactors:
    def __init__(
        self,
        database: Database,
        master_key: MasterKey,
        attempts: Attempts,
        passkeys: Passkeys,
        changes: FactorChanges,
        *,
        limit: Limit = GUESSES,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._master_key = master_key
        self._attempts = attempts
        self._passkeys = passkeys
        self._changes = changes
        self._limit = limit
        self._clock = clock

    async def needed(self, account_id: UUID) -> tuple[str, ...]:
        """The methods that the account can use; none if a password is enough."""
        async with self._database.reading() as connection:
            has = await repository.factors(connection, account_id)
        if not has.any:
            return ()
        offered = {"totp": has.totp, "passkey": bool(has.passkeys), "recovery_code": bool(has.recovery_codes)}
        return tuple(method for method, there in offered.items() if there)

    async def challenge(self, account_id: UUID, data: dict[str, str]) -> str:
        """A token that says the password was right: good once, five tries, five minutes."""
        stored = {"data": data, "tries": 0, "challenge": new_challenge()}
        async with self._database.begin() as tx:
            return await one_time.issue(tx, SECOND_STEP, account_id, stored, self._clock(), _LIFETIME)

    async def options(self, mfa_token: str) -> dict[str, Any]:
        """What the browser asks the account's passkeys with. Raises SecondFactorFailed, also if it has none."""
        account_id, asked = await self._asked(mfa_token)
        allowed = await self._passkeys.listed(account_id)
        if not allowed:
            raise SecondFactorFailed
        return self._passkeys.options(asked.data["challenge"], allowed)

    async def redeem(
        self, mfa_token: str, *, code: str | None = None, passkey: dict[str, Any] | None = None
    ) -> Redeemed:
        """`code` is one of the authenticator app, or a recovery code. Raises SecondFactorFailed, TooManyAttempts."""
        account_id, _ = await self._asked(mfa_token)
        await self._attempts.begin("second-factor", str(account_id), limit=self._limit)
        # One transaction: the factor and the token are used up together, or the try is counted. Raising inside would
        # take that back.
        async with self._database.begin() as tx:
            password_hash, asked = await self._lock(tx, mfa_token, account_id)
            right = asked is not None and await self._is_right(tx, account_id, asked, code, passkey)
            if right:
                await one_time.take(tx, SECOND_STEP, mfa_token, self._clock())
            elif asked is not None:
                await one_time.set_data(tx, mfa_token, {**asked.data, "tries": asked.data["tries"] + 1})
                await audit.record(
                    tx, "mfa.failed", account_id=account_id, method="code" if passkey is None else "passkey"
                )
        if asked is None or password_hash is None or not right:
            raise SecondFactorFailed
        await self._attempts.succeeded("second-factor", str(account_id))
        return Redeemed(account_id, password_hash, dict(asked.data["data"]))

    async def _asked(self, mfa_token: str) -> tuple[UUID, OneTimeToken]:
        async with self._database.reading() as connection:
            asked = await one_time.peek(connection, SECOND_STEP, mfa_token, self._clock())
        if asked is None or asked.account_id is None:
            raise SecondFactorFailed
        return asked.account_id, asked

    async def _lock(self, tx: Transaction, mfa_token: str, account_id: UUID) -> tuple[str | None, OneTimeToken | None]:
        """No token if it was redeemed meanwhile, if no tries are left, and if its account is disabled."""
        password_hash = await repository.lock_account(tx, account_id)
        if password_hash is None:
            return None, None
        asked = await one_time.lock(tx, SECOND_STEP, mfa_token, self._clock())
        return password_hash, asked if asked is not None and asked.data["tries"] < _MOST_TRIES else None

    async def _is_right(
        self, tx: Transaction, account_id: UUID, asked: OneTimeToken, code: str | None, passkey: dict[str, Any] | None
    ) -> bool:
        if passkey is not None:
            return await self._passkeys.prove_within(tx, account_id, passkey, asked.data["challenge"])
        code = code or ""
        return await self._is_shown(tx, account_id, code) or await recovery_codes.use(tx, account_id, code)

    async def _is_shown(self, tx: Transaction, account_id: UUID, code: str) -> bool:
        """Whether the authenticator app shows that code now, and it was not used before."""
        stored = await repository.totp(tx, account_id)
        if stored is None or not stored.confirmed:
            return False
        secret = self._master_key.open(stored.sealed_secret, str(account_id)).decode()
        step = matching_step(secret, "".join(code.split()), self._clock())
        if step is None or not await repository.use_step(tx, account_id, step):
            return False
        await audit.record(tx, "mfa.totp_used", account_id=account_id)
        return True

    async def begin_passkey_sign_in(self) -> tuple[str, dict[str, Any]]:
        return await self._passkeys.begin_sign_in()

    async def sign_in_with_passkey(self, passkey_token: str, credential: dict[str, Any]) -> Owner:
        """Raises SecondFactorFailed."""
        return await self._passkeys.sign_in(passkey_token, credential)

    async def reset(self, account_id: UUID, actor: UUID) -> None:
        """Removes every factor: for somebody who lost them all, and proved to an administrator who they are."""
        async with self._database.begin() as tx:
            await self.reset_within(tx, account_id, actor)

    async def reset_within(self, tx: Transaction, account_id: UUID, actor: UUID | None = None) -> None:
        await repository.lock_account(tx, account_id)
        had_any = (await repository.factors(tx, account_id)).any
        await repository.remove_totp(tx, account_id)
        await repository.replace_recovery_codes(tx, account_id, ())
        await self._passkeys.remove_all(tx, account_id)
        await one_time.revoke_all(tx, SECOND_STEP, account_id)
        if had_any:
            await self._changes.told_within(tx, "mfa.reset", account_id, actor_id=actor)
        else:
            await audit.record(tx, "mfa.reset", account_id=account_id, actor_id=actor)

    async def prune(self) -> None:
        """Forgets what nobody came back with in time."""
        async with self._database.begin() as tx:
            await one_time.prune(tx, self._clock())

"""Sets second factors up for the signed-in person, and takes them down again."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from auth_service.accounts.repository import Account
from auth_service.keys.sealing import MasterKey
from auth_service.mfa import recovery_codes, repository
from auth_service.mfa.changes import FactorChanges
from auth_service.mfa.codes import matching_step, new_secret
from auth_service.mfa.errors import NoSecondFactor, TotpEnabled, TotpNotStarted, WrongCode
from auth_service.mfa.repository import Factors
from strongroom.database import Database
from strongroom.database.attempts import Attempts


class Enrolment:
    def __init__(
        self,
        database: Database,
        master_key: MasterKey,
        attempts: Attempts,
        changes: FactorChanges,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._master_key = master_key
        self._attempts = attempts
        self._changes = changes
        self._clock = clock

    async def factors(self, account_id: UUID) -> Factors:
        async with self._database.reading() as connection:
            return await repository.factors(connection, account_id)

    async def start_totp(self, account: Account) -> str:
        """The secret for the app; it counts once a code of it is confirmed. Raises TotpEnabled, AccountChanged."""
        secret = new_secret()
        sealed = self._master_key.seal(secret.encode(), str(account.id))
        async with self._database.begin() as tx:
            await repository.lock_confirmed(tx, account.id, account.password_hash)
            if not await repository.put_unconfirmed(tx, account.id, sealed):
                raise TotpEnabled
        return secret

    async def confirm_totp(self, account_id: UUID, code: str) -> list[str]:
        """Recovery codes, told this once; none where some are left from an earlier factor.

        Raises WrongCode, TotpNotStarted, TotpEnabled, TooManyAttempts.
        """
        await self._attempts.begin("confirm-totp", str(account_id))
        async with self._database.begin() as tx:
            await repository.lock_account(tx, account_id)
            stored = await repository.totp(tx, account_id)
            if stored is None:
                raise TotpNotStarted
            if stored.confirmed:
                raise TotpEnabled
            secret = self._master_key.open(stored.sealed_secret, str(account_id)).decode()
            step = matching_step(secret, code, self._clock())
            if step is None or not await repository.use_step(tx, account_id, step):
                raise WrongCode
            await repository.confirm_totp(tx, account_id, self._clock())
            await self._changes.told_within(tx, "mfa.totp_enabled", account_id)
            codes = await recovery_codes.make_first(tx, account_id)
        await self._attempts.succeeded("confirm-totp", str(account_id))
        return codes

    async def remove_totp(self, account: Account) -> None:
        """Recovery codes go with the last factor they stand in for. Raises TotpNotStarted, AccountChanged."""
        async with self._database.begin() as tx:
            await repository.lock_confirmed(tx, account.id, account.password_hash)
            if not await repository.remove_totp(tx, account.id):
                raise TotpNotStarted
            await recovery_codes.remove_idle(tx, account.id)
            await self._changes.told_within(tx, "mfa.totp_removed", account.id)

    async def renew_recovery_codes(self, account: Account) -> list[str]:
        """New ones, told this once; the old ones are void. Raises NoSecondFactor, AccountChanged."""
        async with self._database.begin() as tx:
            await repository.lock_confirmed(tx, account.id, account.password_hash)
            if not (await repository.factors(tx, account.id)).any:
                raise NoSecondFactor
            await self._changes.told_within(tx, "mfa.recovery_codes_renewed", account.id)
            return await recovery_codes.make(tx, account.id)

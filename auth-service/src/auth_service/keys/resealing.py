"""Re-encrypts everything sealed under the current master key, while services go on that know both keys."""

from uuid import UUID

from auth_service.keys import repository
from auth_service.keys.sealing import MasterKey
from strongroom.database import Database

_BATCH = 500


class Resealing:
    """Interrupted at any point, everything opens with both keys, and it may be begun again."""

    def __init__(self, database: Database, master_key: MasterKey) -> None:
        self._database = database
        self._master_key = master_key

    async def run(self) -> int:
        """How many secrets there are. Raises WrongMasterKey where neither key opens one."""
        return await self._reseal_keys() + await self._reseal_totp_secrets()

    async def _reseal_keys(self) -> int:
        async with self._database.begin() as tx:
            # Else a replica could add a key that this does not see.
            await repository.lock(tx)
            stored = await repository.all_keys(tx)
            for key in stored:
                await repository.put_sealed_key(tx, key.kid, self._master_key.reseal(key.sealed_private_key, key.kid))
        return len(stored)

    async def _reseal_totp_secrets(self) -> int:
        """In portions: there may be millions, and nobody should wait for all of them to use theirs."""
        count, last = 0, None
        while batch := await self._reseal_batch(last):
            count += len(batch)
            last = batch[-1]
        return count

    async def _reseal_batch(self, after: UUID | None) -> list[UUID]:
        async with self._database.begin() as tx:
            sealed = await repository.lock_totp_secrets(tx, after, _BATCH)
            if sealed:
                await repository.put_totp_secrets(
                    tx, {account: self._master_key.reseal(secret, str(account)) for account, secret in sealed.items()}
                )
        return list(sealed)

"""The first two signing keys, made once for all tests: to make them takes longer than most tests do."""

import asyncio
from dataclasses import dataclass

from auth_service.keys.sealing import MasterKey
from auth_service.keys.service import KeyRing
from strongroom.database import Database


@dataclass(frozen=True)
class SealedKeys:
    """Puts them into a database, sealed under `master_key`, as the first start of a service does."""

    master_key: str

    def __call__(self, url: str) -> None:
        asyncio.run(self._make(url))

    async def _make(self, url: str) -> None:
        database = Database(url)
        await KeyRing(database, MasterKey(self.master_key)).load()
        await database.aclose()

"""Reads stored objects again and compares them with what the rows say."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import structlog

from file_service.integrity import repository, rounds
from file_service.integrity.metrics import IntegrityMetrics
from file_service.integrity.pace import Pace
from file_service.integrity.repository import Expected
from file_service.storage.object_store import ObjectMissing, ObjectStore, StoreUnavailable
from strongroom.database import Database, Transaction
from strongroom.database.exclusive import exclusively

log = structlog.get_logger()

CHORE = "scrub"

_BYTES_PER_TURN = 512 * 1024 * 1024
_REQUEST = 64 * 1024  # what asking for an object costs, in bytes: else tiny ones would be read by the thousand
_ATTEMPTS = 2
_FAULTY_AGAIN = timedelta(days=1)  # so that it is soon known when an object was brought back


@dataclass(frozen=True, slots=True)
class Measured:
    size: int
    sha256: bytes
    crc32: int


class Scrub:
    """Each object is read again `every` so often, those first whose turn was longest ago."""

    def __init__(
        self,
        database: Database,
        store: ObjectStore,
        metrics: IntegrityMetrics,
        pace: Pace,
        *,
        every: timedelta,
        bytes_per_turn: int = _BYTES_PER_TURN,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._store = store
        self._metrics = metrics
        self._pace = pace
        self._every = every
        self._bytes_per_turn = bytes_per_turn
        self._clock = clock

    async def turn(self) -> None:
        """Until what is due is read, or as many bytes as a turn has; the last object is always read to its end.

        Does nothing while another replica is at it. Raises StoreUnavailable.
        """
        async with exclusively(self._database, f"files {CHORE}") as alone:
            if alone:
                await self._turn()

    async def _turn(self) -> None:
        left = self._bytes_per_turn
        while left > 0 and (key := await self._next()) is not None:
            left -= _REQUEST + await self._check(key)
        async with self._database.begin() as tx:
            await rounds.reach(tx, CHORE, "", self._clock())

    async def _next(self) -> str | None:
        now = self._clock()
        async with self._database.reading() as connection:
            return await repository.longest_unread(
                connection, before=now - self._every, faulty_before=now - _FAULTY_AGAIN
            )

    async def _check(self, key: str) -> int:
        """How many bytes it had. Raises StoreUnavailable if the store does not answer at all."""
        measured, missing = None, False
        try:
            measured = await self._read(key)
        except ObjectMissing:
            missing = True
        async with self._database.begin() as tx:
            for version in await repository.lock_of(tx, key):
                await (self._missing(tx, version) if missing else self._compare(tx, version, measured))
        return measured.size if measured else 0

    async def _missing(self, tx: Transaction, version: Expected) -> None:
        await repository.set_missing(tx, version, self._clock())
        if version.missing_at is None:
            log.error("version.missing", **_named(version))

    async def _compare(self, tx: Transaction, version: Expected, measured: Measured | None) -> None:
        if measured is not None and (measured.size, measured.sha256) == (version.size, version.sha256):
            await repository.set_right(tx, version, measured.crc32, self._clock())
            return
        await repository.set_damaged(tx, version, self._clock())
        if version.damaged_at is None:
            log.error("version.damaged", **_named(version))

    async def _read(self, key: str) -> Measured | None:
        """None for an object that the store has and cannot give, while it answers otherwise. Raises ObjectMissing."""
        for _ in range(_ATTEMPTS):
            try:
                return await self._measure(key)
            except StoreUnavailable:
                await self._store.ping()
        return None

    async def _measure(self, key: str) -> Measured:
        size, digest, crc32 = 0, sha256(), 0
        await self._pace.spend(_REQUEST)
        async with self._store.get(key) as chunks:
            async for chunk in chunks:
                size += len(chunk)
                digest.update(chunk)
                crc32 = zlib.crc32(chunk, crc32)
                self._metrics.scrubbed_bytes.inc(len(chunk))
                await self._pace.spend(len(chunk))
        return Measured(size, digest.digest(), crc32)


def _named(version: Expected) -> dict[str, object]:
    return {"file_id": str(version.file_id), "version": version.number, "object_key": version.object_key}

"""The scrub and the sweep as tests use them: on the real servers, with a clock that can be moved."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from minio import Minio
from moving_clock import MovingClock
from prometheus_client import CollectorRegistry

from file_service.integrity.metrics import IntegrityMetrics
from file_service.integrity.pace import Pace
from file_service.integrity.scrub import Scrub
from file_service.integrity.service import Integrity
from file_service.integrity.sweep import Sweep
from file_service.storage.minio_object_store import MinioObjectStore
from file_service.storage.object_store import StoredObject
from strongroom.database import Database

MIB = 1024 * 1024

Event = Callable[[str], Awaitable[None]]


class WatchedStore(MinioObjectStore):
    """The real store; `open` objects are being read. Something can be made to happen before a read or after a page."""

    def __init__(self, client: Minio, bucket: str) -> None:
        super().__init__(client, bucket)
        self.open = 0
        self.gets: list[str] = []
        self.pages: list[str] = []
        self.on_get: Event | None = None
        self.on_page: Event | None = None

    @asynccontextmanager
    async def get(self, key: str, *, start: int = 0, length: int | None = None) -> AsyncIterator[AsyncIterator[bytes]]:
        self.gets.append(key)
        if self.on_get is not None:
            await self.on_get(key)
        async with super().get(key, start=start, length=length) as chunks:
            self.open += 1
            try:
                yield chunks
            finally:
                self.open -= 1

    async def page(self, after: str, limit: int) -> Sequence[StoredObject]:
        self.pages.append(after)
        found = await super().page(after, limit)
        if self.on_page is not None:
            await self.on_page(after)
        return found


class Rig:
    def __init__(self, database: Database, store: WatchedStore) -> None:
        self.database = database
        self.store = store
        self.clock = MovingClock()
        self.registry = CollectorRegistry()
        self.metrics = IntegrityMetrics(self.registry, clock=self.clock)
        self.integrity = Integrity(database, self.metrics)

    def scrub(self, **changed: Any) -> Scrub:
        options: dict[str, Any] = {"every": timedelta(days=30), "clock": self.clock} | changed
        return Scrub(self.database, self.store, self.metrics, Pace(1e12), **options)

    def sweep(self, **changed: Any) -> Sweep:
        options: dict[str, Any] = {
            "grace": timedelta(hours=24),
            "every": timedelta(hours=6),
            "clock": self.clock,
        } | changed
        return Sweep(self.database, self.store, self.metrics, **options)

    def counted(self, name: str) -> float | None:
        return self.registry.get_sample_value(f"strongroom_files_{name}")

    async def rows(self, statement: str, *values: object) -> list[Any]:
        async with self.database.begin() as tx:
            result = await tx.exec_driver_sql(statement, values)
            return list(result.all()) if result.returns_rows else []

    async def key(self, path: str, version: int | None = None) -> str:
        query = "select v.object_key from files.files f join files.file_versions v on v.file_id = f.id where path = $1"
        ((key,),) = await self.rows(f"{query} and v.version = coalesce($2, f.version)", path, version)
        return str(key)

    async def state(self) -> dict[str, str]:
        """What is thought of each version, by path and number."""
        rows = await self.rows(
            "select path || '#' || v.version, damaged_at, missing_at"
            " from files.files f join files.file_versions v on v.file_id = f.id"
        )
        return {name: "damaged" if damaged else "missing" if missing else "right" for name, damaged, missing in rows}

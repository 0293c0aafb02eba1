"""Copies a file: its bytes inside the store first, then the row."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from file_service.conditions import NOTHING_YET
from file_service.derivations.readings import Readings
from file_service.files.errors import PathTaken, PreconditionFailed
from file_service.files.history import History
from file_service.files.recording import Arrival, Recording
from file_service.files.repository import File
from file_service.files.version_repository import Version
from file_service.storage.discarding import Arrivals
from file_service.storage.object_store import ObjectMissing, ObjectStore
from file_service.usage.service import Quotas


class Copies:
    def __init__(
        self,
        store: ObjectStore,
        arrivals: Arrivals,
        quotas: Quotas,
        history: History,
        readings: Readings,
        recording: Recording,
    ) -> None:
        self._store = store
        self._arrivals = arrivals
        self._quotas = quotas
        self._history = history
        self._readings = readings
        self._recording = recording

    async def copy(self, account: UUID, file_id: UUID, path: str) -> File:
        """A file of the account's own, out of one that it can read; with its schema, without its tags and versions.

        Raises FileNotFound, PathTaken, QuotaExceeded.
        """
        _, version = await self._history.find(account, file_id, None)
        await self._quotas.require_room(account, version.content.size)
        try:
            await self._recording.require(account, path, NOTHING_YET)
            async with self._arrivals.of(account) as objects:
                key = objects.new_key()
                await self._copy(version, key)
                objects.stored()
                arrival = Arrival(path, version.content.stored_as(key), await self._told(version))
                (recorded,) = await objects.recorded(self._recording.record(account, [arrival], NOTHING_YET))
        except PreconditionFailed as error:
            raise PathTaken from error
        return recorded.file

    async def _told(self, version: Version) -> Mapping[str, Mapping[str, Any]]:
        """What the parsers were told that read it, like the schema of a table."""
        return {one.parser: one.options for one in await self._readings.all(version.content.object_key) if one.options}

    async def _copy(self, version: Version, key: str) -> None:
        try:
            await self._store.copy(version.content.object_key, key)
        except ObjectMissing:
            # Removed in the meantime? Then there is nothing to copy, and nothing wrong.
            await self._history.require(version)
            raise

"""Reads how a CSV file begins: at once, and no more of it than it takes to show its first rows."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from file_service.files.version_repository import Content
from file_service.parsers.contract import Facts, Task
from file_service.sandbox.pool import Pool
from file_service.sandbox.sink import Nothing
from file_service.sandbox.sources import stored_bytes
from file_service.storage.object_store import ObjectStore
from file_service.verdicts import told

SMALL = 4 * 1024 * 1024  # bytes, of which all is read at once
_ROWS = 100


class Heads:
    def __init__(self, store: ObjectStore, pool: Pool) -> None:
        self._store = store
        self._pool = pool

    async def of(self, account: UUID, content: Content, filename: str, options: Mapping[str, Any]) -> Facts:
        """What the parser `csv-head` finds out; with a `schema` and of a small file, what `csv-judged` does.

        Raises UnreadableFile, Busy, StoreUnavailable.
        """
        task = Task(content.content_type, filename, {**options, "rows": _ROWS})
        parser = "csv-judged" if "schema" in options and content.size <= SMALL else "csv-head"
        with told():
            async with (
                self._pool.process(account, once=True) as process,
                stored_bytes(self._store, content.object_key, content.size) as source,
            ):
                return await process.perform(parser, source, task, Nothing())

"""Answers questions about the rows of a file, however large it is, in constant memory."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, replace
from uuid import UUID

from file_service.derivations.renewal import Renewal
from file_service.downloads.stored_response import Opening
from file_service.files.history import History
from file_service.parsers.contract import Task
from file_service.rows.selection import Format, Selection
from file_service.rows.tabular import Table, Tables
from file_service.sandbox.pool import Pool
from file_service.sandbox.sources import stored_bytes
from file_service.sandbox.streaming import streamed
from file_service.storage.object_store import ObjectStore
from file_service.verdicts import told

_PATIENCE = 60.0  # seconds until the first rows


@dataclass(frozen=True, slots=True)
class Question:
    """As the client wrote it. `limit` is None for all rows."""

    offset: int
    limit: int | None
    columns: str | None
    where: str | None
    order_by: str | None
    sheet: int

    def selection(self, table: Table) -> Selection:
        return Selection.of(
            table.columns,
            offset=self.offset,
            limit=self.limit,
            columns=self.columns,
            condition=self.where,
            order_by=self.order_by,
        )


class Rows:
    """`pages` answers what is soon done, `exports` what may take as long as its client does."""

    def __init__(
        self, history: History, tables: Tables, renewal: Renewal, store: ObjectStore, *, pages: Pool, exports: Pool
    ) -> None:
        self._history = history
        self._tables = tables
        self._renewal = renewal
        self._store = store
        self._pages = pages
        self._exports = exports

    async def answer(
        self, account: UUID, file_id: UUID, number: int | None, asked: Question, form: Format, *, formula_safe: bool
    ) -> Opening:
        """Raises FileNotFound, VersionNotFound, InvalidWhere, InvalidColumns, InvalidOrder, and what `Tables` does.

        Opening it finds the first rows, and raises UnreadableFile, Busy, StoreUnavailable.
        """
        file, version = await self._history.find(account, file_id, number)
        table = await self._tables.of(account, file, version.content, asked.sheet)
        options = asked.selection(table).options(format=form, formula_safe=formula_safe)
        pool = self._exports if asked.limit is None else self._pages
        task = Task(version.content.content_type, file.filename, {**table.told, **options})
        return lambda: self._opened(pool, account, table, task)

    @asynccontextmanager
    async def _opened(self, pool: Pool, account: UUID, table: Table, task: Task) -> AsyncIterator[AsyncIterator[bytes]]:
        with told(), tempfile.TemporaryDirectory(prefix="strongroom-", ignore_cleanup_errors=True) as scratch:
            async with (
                self._renewal.of(table.derivation) if table.derivation else nullcontext(),
                pool.process(account, once=not table.derivation) as process,
                stored_bytes(self._store, table.key, table.size) as source,
                streamed(process, "rows", source, replace(task, scratch=scratch), patience=_PATIENCE) as chunks,
            ):
                yield chunks

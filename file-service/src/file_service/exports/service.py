"""Sends a listing as a table, however long it is, a page in memory at a time."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from functools import partial
from uuid import UUID

from file_service.downloads.stored_response import Opening
from file_service.exports.columns import COLUMNS, cells
from file_service.exports.csv_lines import csv_lines
from file_service.files.listing import Found, Search, position_of
from file_service.files.service import Files

_PAGE = 500  # whose lines are written in a few milliseconds


class Exports:
    def __init__(self, files: Files) -> None:
        self._files = files

    def listing(self, owner: UUID, search: Search, *, formula_safe: bool) -> Opening:
        """Opening it reads the first page. Files that change while it is sent can be in it twice, or not at all."""
        return partial(self._opened, owner, search, formula_safe)

    @asynccontextmanager
    async def _opened(self, owner: UUID, search: Search, formula_safe: bool) -> AsyncIterator[AsyncIterator[bytes]]:
        first = await self._files.listed(owner, search, after=None, limit=_PAGE)
        async with aclosing(self._lines(owner, search, first, formula_safe)) as lines:
            yield lines

    async def _lines(
        self, owner: UUID, search: Search, files: Sequence[Found], formula_safe: bool
    ) -> AsyncGenerator[bytes, None]:
        yield csv_lines([list(COLUMNS)], formula_safe=False)
        while files:
            yield csv_lines((cells(one.file) for one in files), formula_safe=formula_safe)
            last = position_of(files[-1], search.sort)
            files = await self._files.listed(owner, search, after=last, limit=_PAGE)

"""The rows of a table, of any size, a page at a time."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

from strongroom.client.file_models import Column, RowsPage


class AsyncRows:
    """`async for row in rows` gives each as a sequence of cells in the order of `columns`; None for an empty one.

    `row_count` is how many rows meet `where`.
    """

    def __init__(self, first: RowsPage, page: Callable[[int], Awaitable[RowsPage]]) -> None:
        self._first = first
        self._page = page

    @property
    def columns(self) -> Sequence[Column]:
        return self._first.columns

    @property
    def row_count(self) -> int:
        return self._first.row_count

    async def __aiter__(self) -> AsyncIterator[Sequence[Any]]:
        page, offset = self._first, 0
        while page.rows:
            for row in page.rows:
                yield row
            offset += len(page.rows)
            if offset >= page.row_count:
                return
            page = await self._page(offset)

"""Where what a parser derives goes to."""

from collections.abc import AsyncIterator
from typing import Protocol


class Sink(Protocol):
    async def object(self, name: str, content_type: str, chunks: AsyncIterator[bytes]) -> None:
        """`chunks` are to be taken to their end."""
        ...

    async def passage(self, page: int, text: str) -> None: ...


class Nothing:
    """For parsers that give nothing but facts."""

    async def object(self, name: str, content_type: str, chunks: AsyncIterator[bytes]) -> None:
        async for _ in chunks:
            pass

    async def passage(self, page: int, text: str) -> None:
        pass

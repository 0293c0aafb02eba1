"""A sink for what gives nothing but facts."""

from collections.abc import AsyncIterator


class Nothing:
    async def object(self, name: str, content_type: str, chunks: AsyncIterator[bytes]) -> None:
        async for _ in chunks:
            pass

    async def passage(self, page: int, text: str) -> None:
        pass

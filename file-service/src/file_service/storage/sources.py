"""Streams on their way into the body of a request to the store."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager

from file_service.storage.object_store import WrongSize


class Source:
    """Sees to it that a body has the announced size, and remembers why it ended early.

    aiohttp would wait for ever for the answer to a body that is too short, and cut one that is too long. It would
    also wait for ever for a store that does not take what it is sent: such a one has `patience` seconds for each piece.
    """

    def __init__(self, body: AsyncIterable[bytes], size: int | None, *, patience: float) -> None:
        self._body = body
        self._size = size
        self._patience = patience
        self._deadline: asyncio.Timeout | None = None
        self.failure: BaseException | None = None

    @asynccontextmanager
    async def heeded(self) -> AsyncIterator[None]:
        """While inside, whoever waits for the answer gets a TimeoutError when the store has been idle for too long."""
        async with asyncio.timeout(self._patience) as deadline:
            self._deadline = deadline
            try:
                yield
            finally:
                self._deadline = None

    async def chunks(self) -> AsyncIterator[bytes]:
        left = self._size or 0
        pieces = aiter(self._body)
        try:
            while (chunk := await self._next(pieces)) is not None:
                left -= len(chunk)
                self._require(left >= 0)
                yield chunk
            self._require(left == 0)
        except Exception as error:
            self.failure = error
            raise

    async def _next(self, pieces: AsyncIterator[bytes]) -> bytes | None:
        self._hurry(within=None)
        chunk = await anext(pieces, None)
        self._hurry(within=self._patience)
        return chunk

    def _hurry(self, *, within: float | None) -> None:
        """The store, which has to take what it was given; None while it has nothing to do."""
        if self._deadline is not None:
            self._deadline.reschedule(None if within is None else asyncio.get_running_loop().time() + within)

    def _require(self, fits: bool) -> None:
        if self._size is not None and not fits:
            raise WrongSize

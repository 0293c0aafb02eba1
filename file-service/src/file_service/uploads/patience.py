"""Gives up on clients that begin to send and then do not go on: each holds a connection to the store."""

import asyncio
from collections.abc import AsyncIterator

from file_service.uploads.errors import UploadStalled


class Patience:
    """`seconds` may pass between two pieces of a body, however small they are."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def with_(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Passes them on. Raises UploadStalled."""
        while True:
            try:
                async with asyncio.timeout(self._seconds):
                    chunk = await anext(chunks)
            except StopAsyncIteration:
                return
            except TimeoutError as error:
                raise UploadStalled from error
            yield chunk

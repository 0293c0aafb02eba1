"""The body of a request, as far as it comes."""

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect, Request

from file_service.resumable.errors import BodyCutOff

_PATIENCE = 60.0


async def body_of(request: Request, *, patience: float = _PATIENCE) -> AsyncIterator[bytes]:
    """Raises BodyCutOff when the client goes away, or sends nothing for so many seconds.

    A connection that is dead and was never closed would keep the upload locked for ever.
    """
    chunks = request.stream()
    try:
        while True:
            async with asyncio.timeout(patience):
                chunk = await anext(chunks, None)
            if chunk is None:
                return
            yield chunk
    except (ClientDisconnect, TimeoutError) as error:
        raise BodyCutOff from error

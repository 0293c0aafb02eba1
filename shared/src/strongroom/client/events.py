"""Events as they happen, as an iterator that a cut connection does not end."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from http import HTTPStatus

from pydantic import ValidationError

from strongroom.client.connection import Connection, chunks
from strongroom.client.errors import Refused, TooManyRequests, Unavailable, UnexpectedAnswer, Unreachable
from strongroom.client.event_stream import Block, blocks
from strongroom.client.file_models import Event
from strongroom.retrying import back_off

_CLOSED = "stream.closed"


async def events(
    connection: Connection, after: str | int | None, types: Sequence[str], prefix: str
) -> AsyncIterator[Event]:
    """From the event `after` on, or from now on; see `AsyncStrongroom.events`."""
    position = None if after is None else str(after)
    attempt = 0
    while True:
        try:
            async with aclosing(_blocks(connection, position, types, prefix)) as found:
                async for block in found:
                    attempt = 0
                    position = block.id or position
                    if block.event and block.event != _CLOSED:
                        yield _event(block)
            pause = back_off(attempt)
        except (Unreachable, Unavailable, TooManyRequests) as error:
            pause = max(back_off(attempt), error.retry_after if isinstance(error, Refused) else 0.0)
        attempt += 1
        await asyncio.sleep(pause)


async def _blocks(
    connection: Connection, position: str | None, types: Sequence[str], prefix: str
) -> AsyncGenerator[Block, None]:
    headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": position} if position else {})
    query = {"type": types, "prefix": prefix or None}
    async with connection.opened("GET", "/files/events", query=query, headers=headers) as answer:
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if answer.status_code != HTTPStatus.OK or kind != "text/event-stream":
            raise UnexpectedAnswer("Something else than events", answer.status_code)
        async for block in blocks(chunks(answer)):
            yield block


def _event(block: Block) -> Event:
    try:
        return Event.model_validate_json(block.data)
    except (ValidationError, RecursionError) as error:
        raise UnexpectedAnswer("An event that is not understood") from error

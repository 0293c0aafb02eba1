"""Events come once each and in order, whatever happens to the connection."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from scripted_server import OneToken, ScriptedServer, a_file, document, problem
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp

from strongroom.client import AsyncStrongroom, Event, EventsGone, Forbidden, UnexpectedAnswer

Serve = Callable[[ASGIApp], Awaitable[str]]
STREAM = "text/event-stream; charset=utf-8"
LAST = 12


def block(number: int) -> bytes:
    event = Event.model_validate(
        {"id": str(number), "type": "file.created", "time": "2026-11-30T06:40:01Z", "data": a_file()}
    )
    return f"id: {number}\nevent: file.created\ndata: {event.model_dump_json()}\n\n".encode()


class Log:
    """Events 1 to LAST; a connection tells three of them and ends as `ending` says."""

    def __init__(self, ending: bytes = b"") -> None:
        self.ending = ending
        self.positions: list[str | None] = []

    def __call__(self, request: Request) -> Response:
        position = request.headers.get("last-event-id")
        self.positions.append(position)
        first = int(position or "0") + 1
        told = [block(one) for one in range(first, min(first + 3, LAST + 1))]
        return Response(b"".join(told) + self.ending, media_type=STREAM)


async def heard(url: str, **wanted: str) -> list[str]:
    ids: list[str] = []
    async with AsyncStrongroom(url, OneToken()) as strongroom:
        async for event in strongroom.events(**wanted):
            ids.append(event.id)
            if event.id == str(LAST):
                break
    return ids


@pytest.mark.parametrize(
    "ending",
    [b"", b'event: stream.closed\ndata: {"reason":"token-ended"}\n\n', block(99)[:-20]],
    ids=["cut", "token ended", "cut within an event"],
)
async def test_nothing_is_missed_and_nothing_comes_twice(serve: Serve, ending: bytes) -> None:
    log = Log(ending)
    assert await heard(await serve(ScriptedServer(log))) == [str(one) for one in range(1, LAST + 1)]
    assert log.positions == [None, "3", "6", "9"]


async def test_what_was_missed_comes_first(serve: Serve) -> None:
    log = Log()
    assert await heard(await serve(ScriptedServer(log)), after="7") == ["8", "9", "10", "11", "12"]


async def test_a_heartbeat_moves_on_what_is_asked_for_next(serve: Serve) -> None:
    log = Log(ending=b"id: 11\n\n")
    assert await heard(await serve(ScriptedServer(log)), after="1") == ["2", "3", "4", "12"]


async def test_a_service_that_restarts_is_waited_for(serve: Serve) -> None:
    log = Log()
    failing = [problem(503, "unavailable"), Response("<h1>", 502), problem(429, "too-many-listeners")]
    server = ScriptedServer(lambda request: failing.pop(0) if failing else log(request))
    assert len(await heard(await serve(server))) == LAST


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (problem(410, "events-gone"), EventsGone),
        (problem(403, "insufficient-scope"), Forbidden),
        (document({}), UnexpectedAnswer),
        (Response(b"id: 1\nevent: file.created\ndata: {}\n\n", media_type=STREAM), UnexpectedAnswer),
    ],
    ids=["gone", "forbidden", "something else", "nonsense"],
)
async def test_what_would_come_again_ends_it(serve: Serve, answer: Response, kind: type[Exception]) -> None:
    server = ScriptedServer(lambda _: answer)
    with pytest.raises(kind):
        await heard(await serve(server))
    assert len(server.requests) == 1


async def test_an_event_without_end_is_not_gathered(serve: Serve) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"data: " + b"x" * 65_536
            await asyncio.sleep(0)  # to notice that nobody listens any more

    server = ScriptedServer(lambda _: StreamingResponse(endless(), media_type=STREAM))
    with pytest.raises(UnexpectedAnswer):
        await heard(await serve(server))


async def test_an_id_that_could_be_a_header_is_no_position(serve: Serve) -> None:
    log = Log()
    begun = iter([Response(b"id: 5\x00\nevent: \ndata: x\n\n", media_type=STREAM)])
    server = ScriptedServer(lambda request: next(begun, None) or log(request))
    await heard(await serve(server))
    assert "last-event-id" not in server.requests[1].headers

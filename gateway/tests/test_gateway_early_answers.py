import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from strongroom.web.early_answers import EarlyAnswers

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[str], Awaitable[Streams]]
Before = Callable[[ASGIApp], Awaitable[str]]
ServeRaw = Callable[[Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]], Awaitable[str]]
Gateway = Callable[..., Awaitable[str]]

HUGE = 1 << 35


async def _refusing(scope: Scope, receive: Receive, send: Send) -> None:
    """Says no on the head alone, as the file service does to a body that is declared too long."""
    await PlainTextResponse("too large", 413)(scope, receive, send)


# A service has to close gently too, or its own reset may overtake its answer on the way to the gateway.
refusing = EarlyAnswers(_refusing)


async def test_a_refusal_arrives_before_any_of_the_body_was_sent(before: Before, connect: Connect) -> None:
    reader, writer = await connect(await before(refusing))
    writer.write(f"PUT /files HTTP/1.1\r\nHost: x\r\nContent-Length: {HUGE}\r\n\r\n".encode())
    answer = await reader.readuntil(b"too large")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert answer.count(b"connection: close\r\n") == 1


@pytest.mark.parametrize("framing", [f"Content-Length: {HUGE}", "Transfer-Encoding: chunked"])
async def test_a_refusal_reaches_a_client_that_goes_on_sending(before: Before, connect: Connect, framing: str) -> None:
    reader, writer = await connect(await before(refusing))
    writer.write(f"PUT /files HTTP/1.1\r\nHost: x\r\n{framing}\r\n\r\n".encode())
    chunk = b"%x\r\n" % (1 << 20) + bytes(1 << 20) + b"\r\n"
    for _ in range(32):
        # Sent whole before the answer is looked at: a reset would raise here or throw the answer away.
        writer.write(chunk)
        await writer.drain()
    assert (await reader.readuntil(b"too large")).startswith(b"HTTP/1.1 413 ")
    writer.write_eof()
    assert await reader.read() == b""


async def test_curl_shows_the_refusal(before: Before) -> None:
    origin = await before(refusing)
    command = ["curl", "-sS", "-T", "-", "-H", "Expect:", "-w", "%{http_code}", f"{origin}/files/a"]
    curl = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, errors = await curl.communicate(bytes(32 << 20))
    assert output == b"too large413", errors


async def test_a_service_that_cannot_be_reached_is_told_at_once(gateway: Gateway, connect: Connect) -> None:
    reader, writer = await connect(await gateway("http://127.0.0.1:1"))
    writer.write(f"PUT /files HTTP/1.1\r\nHost: x\r\nContent-Length: {HUGE}\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 502 ")
    assert b"connection: close\r\n" in head


async def test_an_unknown_address_is_told_at_once(gateway: Gateway, connect: Connect) -> None:
    reader, writer = await connect(await gateway("http://127.0.0.1:1"))
    writer.write(f"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: {HUGE}\r\n\r\n".encode())
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 404 ")


async def test_the_service_is_not_sent_the_rest(serve_raw: ServeRaw, gateway: Gateway, connect: Connect) -> None:
    ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def service(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nno!")
        ended.set_result(len(await reader.read()))

    reader, writer = await connect(await gateway(await serve_raw(service)))
    writer.write(f"PUT /files HTTP/1.1\r\nHost: x\r\nContent-Length: {HUGE}\r\n\r\n".encode())
    await reader.readuntil(b"no!")
    writer.write(b"late")
    assert await ended == 0


async def test_answer_and_body_can_flow_at_the_same_time(before: Before, connect: Connect) -> None:
    async def echo(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        more = True
        while more:
            message = await receive()
            more = message["more_body"]
            await send({"type": "http.response.body", "body": message["body"], "more_body": more})

    reader, writer = await connect(await before(echo))
    writer.write(b"POST /files HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    await reader.readuntil(b"\r\n\r\n")
    for word in (b"ping", b"pong"):
        writer.write(b"4\r\n" + word + b"\r\n")
        assert word in await reader.readuntil(word)
    writer.write(b"0\r\n\r\n")
    assert (await reader.read()).endswith(b"0\r\n\r\n")


async def test_an_ordinary_answer_keeps_the_connection(before: Before, connect: Connect) -> None:
    async def reading(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        await PlainTextResponse("done")(scope, receive, send)

    reader, writer = await connect(await before(reading))
    for _ in range(2):
        writer.write(b"PUT /files HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")
        assert b"connection:" not in (await reader.readuntil(b"done")).lower()


async def lingered(patience: float, most: int, rest: AsyncIterator[Message]) -> list[Message]:
    sent: list[Message] = []

    async def receive() -> Message:
        return await anext(rest)

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "headers": [(b"transfer-encoding", b"chunked")]}
    await EarlyAnswers(PlainTextResponse("no"), patience=patience, most=most)(scope, receive, send)
    return sent


async def test_a_client_that_never_stops_is_not_read_for_ever() -> None:
    async def endless() -> AsyncIterator[Message]:
        while True:
            yield {"type": "http.request", "body": bytes(1000), "more_body": True}

    sent = await lingered(60, 10_000, endless())
    assert [message.get("more_body") for message in sent] == [None, True, False]


async def test_a_client_that_stalls_is_not_waited_for_long() -> None:
    async def stalled() -> AsyncIterator[Message]:
        await asyncio.Event().wait()
        yield {}

    sent = await lingered(0.01, 10_000, stalled())
    assert [message.get("more_body") for message in sent] == [None, True, False]

"""A store that says exactly what a test tells it to, word by word of HTTP, and remembers what it was asked."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from urllib.parse import parse_qsl, urlsplit


class Exchange:
    """One request: its head has been read, its body has not. `number` counts those of its connection from 1."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes, connection: int, number: int
    ) -> None:
        self.reader, self.writer = reader, writer
        self.connection, self.number = connection, number
        first, *lines = head.decode("latin-1").split("\r\n")
        self.method, target, _ = first.split(" ")
        address = urlsplit(target)
        self.key = address.path.lstrip("/").partition("/")[2]
        query = dict(parse_qsl(address.query, keep_blank_values=True))
        self.query = {name: value for name, value in query.items() if not name.startswith("X-Amz-")}
        self.headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        self.length = int(self.headers.get("content-length", 0))

    @property
    def what(self) -> str:
        """In a word: of which kind it is."""
        match self.method, "uploads" in self.query, "uploadId" in self.query:
            case "POST", True, _:
                return "begin"
            case "POST", _, True:
                return "complete"
            case "PUT", _, True:
                return f"part {self.query['partNumber']}"
            case "DELETE", _, True:
                return "abort"
            case method, _, _:
                return method.lower()

    async def body(self, size: int | None = None) -> bytes:
        """The first `size` bytes of it, or all."""
        if self.headers.get("expect") == "100-continue":
            self.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return await self.reader.readexactly(self.length if size is None else size)

    async def say(self, status: int = 200, body: bytes = b"", **headers: str) -> None:
        """Names of headers are written with underscores."""
        told = {"Content_Length": str(len(body)), "ETag": '"etag"', **headers}
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in told.items())
        self.writer.write(f"HTTP/1.1 {status} Whatever\r\n{lines}\r\n".encode() + body)
        await self.writer.drain()

    async def do(self) -> None:
        """What a store does that keeps nothing."""
        await self.body()
        document = b"<Answer><UploadId>id</UploadId><ETag>e</ETag></Answer>" if self.method == "POST" else b""
        await self.say(204 if self.method == "DELETE" else 200, document)

    def hang_up(self) -> None:
        self.writer.transport.abort()


Answer = Callable[[Exchange], Awaitable[None]]


class BareStore:
    """`asked` is what came, in order; `opened` counts connections, `most` how many there were at once."""

    def __init__(self) -> None:
        self.endpoint = ""
        self.asked: list[str] = []
        self.opened = self.most = 0
        self.answer: Answer = Exchange.do
        self._open: dict[asyncio.StreamWriter, asyncio.Task[None] | None] = {}

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["BareStore"]:
        async with await asyncio.start_server(self._serve, "127.0.0.1", 0) as server:
            self.endpoint = "http://{}:{}".format(*server.sockets[0].getsockname())
            yield self
            server.close()
            serving = [task for task in self._open.values() if task is not None]
            for task in serving:
                task.cancel()
            await asyncio.gather(*serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open[writer] = asyncio.current_task()
        self.opened += 1
        self.most = max(self.most, len(self._open))
        connection, number = self.opened, 0
        try:
            # Cancelled at the end of the test, of which asyncio's streams would make a line in the log.
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while not writer.is_closing():
                    head = (await reader.readuntil(b"\r\n\r\n")).removesuffix(b"\r\n\r\n")
                    number += 1
                    exchange = Exchange(reader, writer, head, connection, number)
                    self.asked.append(exchange.what)
                    await self.answer(exchange)
        finally:
            writer.transport.abort()
            del self._open[writer]

"""A service that reads as h11 does, and keeps what it was asked."""

import asyncio
from contextlib import suppress

import h11


class Counting:
    """Answers each request."""

    def __init__(self) -> None:
        self.targets: list[bytes] = []
        self.whole: list[bytes] = []  # those whose body came to its end
        self.wire = b""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        parser = h11.Connection(h11.SERVER)
        with suppress(ConnectionError, h11.RemoteProtocolError):
            while True:
                event = parser.next_event()
                if event is h11.NEED_DATA:
                    data = await reader.read(65536)
                    self.wire += data
                    parser.receive_data(data)
                elif isinstance(event, h11.Request):
                    self.targets.append(event.target)
                elif isinstance(event, h11.EndOfMessage):
                    self.whole.append(self.targets[-1])
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                    parser.send(h11.Response(status_code=200, headers=[("content-length", "0")]))
                    parser.send(h11.EndOfMessage())
                    parser.start_next_cycle()
                elif isinstance(event, h11.ConnectionClosed):
                    return

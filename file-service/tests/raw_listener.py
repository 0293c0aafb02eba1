"""A client of events that minds no rules: what it sends are bytes, and it reads when it likes."""

import asyncio
import socket
import time

import httpx2
from file_client import FileClient

CLOSE, PING, TEXT, CONTINUATION = 8, 9, 1, 0
_WINDOW = 1 << 16


def frame(opcode: int, data: bytes = b"", *, last: bool = True) -> bytes:
    return bytes(((0x80 if last else 0) | opcode, 0x80 | len(data))) + bytes(4) + data


class RawListener:
    def __init__(self, client: FileClient) -> None:
        at = httpx2.URL(client.origin)
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _WINDOW)
        self._socket.connect((at.host, at.port))
        self._token = str(client.token)

    async def upgrade(self, query: str = "") -> None:
        handshake = (
            "Connection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        )
        self._ask(query, handshake)
        assert (await asyncio.to_thread(self._socket.recv, 100)).startswith(b"HTTP/1.1 101")

    async def stream(self, query: str = "") -> None:
        self._ask(query, "")
        assert (await asyncio.to_thread(self._socket.recv, 100)).startswith(b"HTTP/1.1 200")

    def _ask(self, query: str, more: str) -> None:
        head = f"GET /files/events{query} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self._token}\r\n{more}\r\n"
        self._socket.sendall(head.encode())

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def shut(self) -> None:
        self._socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self._socket.close()

    async def flood(self, data: bytes, *, seconds: float) -> int:
        """The bytes that it got rid of until it was cut off."""
        self._socket.settimeout(seconds)
        return await asyncio.to_thread(self._flood, data, time.monotonic() + seconds)

    def _flood(self, data: bytes, until: float) -> int:
        sent = 0
        while time.monotonic() < until:
            try:
                sent += self._socket.send(data)
            except (TimeoutError, ConnectionError):
                return sent
        raise AssertionError(f"nobody minded {sent} bytes")

    async def rest(self) -> bytes:
        """All that there is, to the end."""
        self._socket.settimeout(20)
        return await asyncio.to_thread(self._rest)

    def _rest(self) -> bytes:
        pieces = []
        try:
            while piece := self._socket.recv(1 << 16):
                pieces.append(piece)
        except ConnectionResetError:
            pass
        return b"".join(pieces)

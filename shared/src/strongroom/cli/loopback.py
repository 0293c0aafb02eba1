"""Listens on loopback for the browser that comes back from the sign-in page (RFC 8252 §7.3)."""

import asyncio
import html
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit

_LONGEST_HEAD = 16 * 1024
_PATIENCE = 10.0
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width"><h1>{title}</h1><p>{text}</p></html>
"""


class Listener:
    """`answer` gets what the page was asked with, once, by whoever knows `state`; others are told that it is not for
    them, and change nothing.
    """

    def __init__(self, state: str) -> None:
        self._state = state
        self.redirect_uri = ""
        self._unheard: set[asyncio.Task[bytes]] = set()
        self.answer: asyncio.Future[dict[str, str]] = asyncio.get_running_loop().create_future()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["Listener"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_LONGEST_HEAD)
        try:
            host, port = server.sockets[0].getsockname()[:2]
            self.redirect_uri = f"http://{host}:{port}/callback"
            yield self
        finally:
            server.close()
            # Browsers open connections that they may never use: nobody waits for these.
            for connection in self._unheard:
                connection.cancel()
            await server.wait_closed()

    def take(self, address: str) -> bool:
        """Whether `address` is one that the browser was sent back to for this sign-in."""
        try:
            parts = urlsplit(address.strip())
            found = parse_qs(parts.query, keep_blank_values=True, max_num_fields=20)
        except ValueError:
            return False
        told = {name: values[0] for name, values in found.items() if len(values) == 1}
        if parts.path != "/callback" or told.get("state") != self._state or not {"code", "error"} & told.keys():
            return False
        if not self.answer.done():
            self.answer.set_result(told)
        return True

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                head = await self._heard(reader)
                writer.write(self._answered(head))
                await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # whoever it was, it was not the browser
        finally:
            writer.close()

    async def _heard(self, reader: asyncio.StreamReader) -> bytes:
        hearing = asyncio.create_task(reader.readuntil(b"\r\n\r\n"))
        self._unheard.add(hearing)
        hearing.add_done_callback(self._unheard.discard)
        return await hearing

    def _answered(self, head: bytes) -> bytes:
        method, _, rest = head.decode("latin-1").partition(" ")
        if method != "GET" or not self.take(rest.partition(" ")[0]):
            return _page("404 Not Found", "Nothing here", "This is not what the command is waiting for.")
        if "error" in self.answer.result():
            return _page("200 OK", "Not signed in", "The command was not allowed. You can close this page.")
        return _page("200 OK", "Signed in", "Go on in the terminal. You can close this page.")


def _page(status: str, title: str, text: str) -> bytes:
    body = _PAGE.format(title=html.escape(title), text=html.escape(text)).encode()
    head = [
        f"HTTP/1.1 {status}",
        "Content-Type: text/html; charset=utf-8",
        f"Content-Length: {len(body)}",
        "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
        "Referrer-Policy: no-referrer",
        "Cache-Control: no-store",
        "Connection: close",
    ]
    return "\r\n".join([*head, "", ""]).encode() + body

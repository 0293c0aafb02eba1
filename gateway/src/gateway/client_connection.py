"""One client's connection: reads its requests one after the other, and is where their answers are written."""

import asyncio
import re
import urllib.parse
from collections import deque
from typing import TYPE_CHECKING, cast

import httptools

from gateway.errors import HeadTooLarge, RequestTimeout
from gateway.exchange import Exchange
from gateway.messages import Fields, Request, options_of, request_length
from strongroom.errors import AppError, BadRequest, ContentTooLarge

if TYPE_CHECKING:
    from gateway.door import Door

_LARGEST_HEAD = 64 * 1024
_FIELD = 32  # bytes that a field counts beside its own: a thousand tiny ones are as much work as large ones
_LINGER_SECONDS, _LINGER_BYTES = 5.0, 64 * 1024 * 1024
_KEPT_ALIVE = 75.0
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")


class ClientConnection(asyncio.Protocol):
    """Pipelined requests wait for their turn, and meanwhile no more is read."""

    transport: asyncio.Transport

    def __init__(self, door: "Door") -> None:
        self.door = door
        self.keep_alive = True
        self.peer = ""
        self.silent_since = 0.0
        self._parser = self._new_parser()
        self._exchange: Exchange | None = None  # whose answer is not over
        self._incoming: Exchange | None = None  # whose body is being read
        self._turn: deque[Exchange] = deque()
        self._url = b""
        self._fields: Fields = []
        self._head_bytes = 0
        self._unfinished = 0
        self._is_in_head = False
        self._left = 0
        self._taken = 0
        self._is_deaf = False  # what comes is not wanted any more
        self._is_last = False
        self._is_lingering = False
        self._is_upgrading = False
        self._is_tunnel = False
        self._early = b""

    def _new_parser(self) -> httptools.HttpRequestParser:
        parser = httptools.HttpRequestParser(self)
        parser.set_dangerous_leniencies(lenient_data_after_close=True)  # it is ignored here
        return parser

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is none
        peer = transport.get_extra_info("peername")
        self.peer = peer[0] if peer else ""
        self.silent_since = self.door.loop.time()
        self.door.opened(self)

    def connection_lost(self, error: Exception | None) -> None:
        self.door.closed(self)
        self._is_deaf = True
        for exchange in (self._exchange, *self._turn):
            if exchange is not None:
                exchange.client_is_gone()
        self._exchange = self._incoming = None
        self._turn.clear()

    def eof_received(self) -> bool:
        return False

    def pause_writing(self) -> None:
        if self._exchange is not None:
            self._exchange.client_is_full()

    def resume_writing(self) -> None:
        if self._exchange is not None:
            self._exchange.client_can_take()

    # What the client sends.

    def data_received(self, data: bytes) -> None:
        if self._is_tunnel:
            assert self._exchange is not None
            self._exchange.piece(data)
        elif self._left:
            self._body(data)
        elif not self._is_deaf:
            self._parse(data)

    def _body(self, data: bytes) -> None:
        """Past the parser, whose callbacks would only copy it."""
        data, rest = (data, b"") if len(data) <= self._left else (data[: self._left], data[self._left :])
        self.on_body(data)
        if self._left == 0:
            self._parser = self._new_parser()
            self.on_message_complete()
            if rest:
                self.data_received(rest)

    def _parse(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._upgraded(data[upgrade.args[0] :])
        except httptools.HttpParserCallbackError as error:
            if not isinstance(error.__context__, AppError):
                raise
            self._refuse(error.__context__)
        except httptools.HttpParserError:
            self._refuse(BadRequest("This is not HTTP/1.1"))
        else:
            if self._is_in_head:
                self._unfinished += len(data)
                if self._unfinished > _LARGEST_HEAD:
                    self._refuse(HeadTooLarge())

    def _upgraded(self, rest: bytes) -> None:
        """Nothing goes to a service that has not agreed to it: it would take it for another request."""
        if self._is_upgrading:
            self._early = rest
            self.pause()
            return
        self._parser = self._new_parser()
        if rest:
            self._parse(rest)

    def on_message_begin(self) -> None:
        self._url = b""
        self._fields = []
        self._head_bytes = self._unfinished = 0
        self._is_in_head = True
        self.silent_since = self.door.loop.time()

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._is_in_head:
            return  # a trailer: RFC 9110 §6.5.1
        self._head_bytes += len(name) + len(value) + _FIELD
        if self._head_bytes > _LARGEST_HEAD:
            raise HeadTooLarge
        self._fields.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        if self._is_last or self._is_deaf:
            return
        request = self._request()
        self._is_last = not request.keep_alive
        self._is_upgrading = request.is_websocket
        self._taken = 0
        self._left = request.length or 0
        exchange = self._incoming = self._new_exchange(request)
        if self._left > self.door.bounds.largest_body:
            exchange.doom = ContentTooLarge()
        if self._exchange is None:
            self._start(exchange)
        else:
            self._turn.append(exchange)
            self.pause()

    def _new_exchange(self, request: Request) -> Exchange:
        identity = request.field(b"x-request-id")
        known = identity if identity is not None and _REQUEST_ID.fullmatch(identity) else None
        return Exchange(self, request, self.door.sender(self.peer, request), known)

    def _request(self) -> Request:
        """Raises BadRequest."""
        fields = self._fields
        is_http11 = self._parser.get_http_version() == "1.1"
        if is_http11 and not any(name == b"host" for name, _ in fields):
            raise BadRequest("The request names no host")
        method = self._parser.get_method()
        target = _origin_form(self._url, method)
        is_websocket = method == b"GET" and is_http11 and self._parser.should_upgrade() and _asks_websocket(fields)
        return Request(
            method,
            target,
            _path(target),
            fields,
            request_length(fields),
            is_http11,
            is_http11 and not is_websocket and b"close" not in options_of(fields),
            is_websocket,
        )

    def on_body(self, data: bytes) -> None:
        if self._left:
            self._left -= len(data)
        exchange = self._incoming
        if exchange is None:
            return
        self._taken += len(data)
        if exchange.is_over:
            if self._taken > _LINGER_BYTES:
                self.transport.abort()
        elif self._taken > self.door.bounds.largest_body:
            raise ContentTooLarge
        else:
            exchange.piece(data)

    def on_message_complete(self) -> None:
        exchange, self._incoming = self._incoming, None
        if exchange is None:
            return
        exchange.request_is_over()
        if exchange.is_over and self._exchange is None and self._is_lingering:
            self.transport.close()

    def _refuse(self, error: AppError) -> None:
        """What comes from here on cannot be understood."""
        self._is_deaf = True
        self._is_in_head = False
        exchange, self._incoming = self._incoming, None
        if exchange is None:
            exchange = self._new_exchange(Request(b"GET", b"/", "", [], 0, True, False, False))
            exchange.doom = error
            if self._exchange is None:
                self._start(exchange)
            else:
                self._turn.append(exchange)
        elif exchange is self._exchange:
            exchange.is_request_over = True
            self.keep_alive = False
            exchange.broken(error)
        else:
            exchange.doom = error

    # The answers.

    def _start(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.keep_alive = exchange.request.keep_alive and not self.door.is_stopping
        exchange.begin()

    def write(self, data: bytes) -> None:
        self.transport.write(data)

    def pause(self) -> None:
        if not self.transport.is_closing():
            self.transport.pause_reading()

    def resume(self) -> None:
        if not self._turn and not self.transport.is_closing():
            self.transport.resume_reading()

    def become_tunnel(self) -> None:
        self._is_tunnel = True
        early, self._early = self._early, b""
        if early:
            self.data_received(early)
        self.resume()

    def exchange_is_over(self, exchange: Exchange) -> None:
        self._exchange = None
        self.silent_since = self.door.loop.time()
        if self.transport.is_closing():
            return
        if not exchange.is_request_over:
            self._linger()
        elif not self.keep_alive or self.door.is_stopping:
            self.transport.close()
        elif self._turn:
            self.door.loop.call_soon(self._next)

    def _next(self) -> None:
        if self._exchange is None and self._turn and not self.transport.is_closing():
            following = self._turn.popleft()
            self.resume()
            self._start(following)

    def _linger(self) -> None:
        """A socket that is closed while bytes still come in is reset, and a reset can overtake the answer (§9.6)."""
        self._is_lingering = True
        self._taken = 0
        self._turn.clear()
        self.resume()
        self.door.loop.call_later(_LINGER_SECONDS, self.transport.close)

    def close(self) -> None:
        self.transport.close()

    # The life of the connection.

    def shutdown(self) -> None:
        """uvicorn: the process is to stop."""
        self.door.is_stopping = True
        if self._exchange is None:
            if not self._is_lingering:
                self.transport.close()
        else:
            self.keep_alive = False
            self._exchange.stopping()

    def check(self, now: float) -> None:
        """Now and then: has anybody been waited for too long?"""
        silence = now - self.silent_since
        if self._exchange is not None:
            self._exchange.check(now)
        elif self._is_in_head:
            if silence > self.door.bounds.head_seconds:
                self._refuse(RequestTimeout())
        elif silence > _KEPT_ALIVE:
            # What it has not taken by now of its last answer, it never will.
            self.transport.abort()

    @property
    def unsent(self) -> int:
        return self.transport.get_write_buffer_size()


def _asks_websocket(fields: Fields) -> bool:
    return [value.lower() for name, value in fields if name == b"upgrade"] == [b"websocket"]


def _origin_form(target: bytes, method: bytes) -> bytes:
    """RFC 9112 §3.2.1; of an absolute address (§3.2.2) its path and query. Raises BadRequest."""
    if not target.startswith(b"/") and method != b"CONNECT":
        try:
            address = httptools.parse_url(target)
        except httptools.HttpParserInvalidURLError as error:
            raise BadRequest("The request target is not a path") from error
        if address.schema and address.path:
            target = address.path + (b"?" + address.query if address.query else b"")
    if not target.startswith(b"/") or b"#" in target or not target.isascii():
        # It is appended to a service's origin, so anything else could name another host.
        raise BadRequest("The request target is not a path")
    return target


def _path(target: bytes) -> str:
    path = target.partition(b"?")[0].decode("ascii")
    return urllib.parse.unquote(path) if "%" in path else path

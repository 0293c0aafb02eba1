"""One client's connection: its requests have their turn one after the other, and here their answers are written."""

import asyncio
import re
from collections import deque
from typing import TYPE_CHECKING, cast

from gateway.errors import RequestTimeout
from gateway.exchange import Exchange
from gateway.messages import Request
from gateway.request_reader import RequestReader
from strongroom.errors import AppError, ContentTooLarge

if TYPE_CHECKING:
    from gateway.door import Door

_LINGER_SECONDS, _LINGER_BYTES = 5.0, 64 * 1024 * 1024
_KEPT_ALIVE = 75.0
_UNSENT = 16 * 1024  # bytes of answers that may wait for a client before its service is not read for it
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_NONE = Request(b"GET", b"/", "", [], 0, is_http11=True, keep_alive=False, is_websocket=False)


class ClientConnection(asyncio.Protocol):
    """Pipelined requests wait for their turn, and for the answers before to be taken; meanwhile no more is read."""

    transport: asyncio.Transport

    def __init__(self, door: "Door") -> None:
        self.door = door
        self.keep_alive = True
        self._peer = ""
        self._silent_since = 0.0
        self._reader = RequestReader(self, door.loop.time)
        self._exchange: Exchange | None = None  # whose answer is not over
        self._incoming: Exchange | None = None  # whose body is being read
        self._turn: deque[Exchange] = deque()
        self._taken = 0  # of the body that is being read
        self._is_full = False  # it does not take what it is answered
        self._is_lingering = False
        self._is_tunnel = False
        self._is_handshake = False  # which nobody has agreed to yet
        self._early = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is none
        self.transport.set_write_buffer_limits(_UNSENT)
        peer = transport.get_extra_info("peername")
        self._peer = peer[0] if peer else ""
        self._silent_since = self.door.loop.time()
        self.door.opened(self)

    def connection_lost(self, error: Exception | None) -> None:
        self.door.closed(self)
        self._reader.stop()
        for exchange in (self._exchange, *self._turn):
            if exchange is not None:
                exchange.client_is_gone()
        self._exchange = self._incoming = None
        self._turn.clear()

    def eof_received(self) -> bool:
        return False

    def pause_writing(self) -> None:
        self._is_full = True
        if self._exchange is not None:
            self._exchange.client_is_full()

    def resume_writing(self) -> None:
        self._is_full = False
        if self._exchange is not None:
            self._exchange.client_can_take()
        else:
            self._next()

    # What the client sends.

    def data_received(self, data: bytes) -> None:
        if self._is_tunnel:
            assert self._exchange is not None
            self._exchange.piece(data)
        elif self._is_handshake:
            self._early += data
        else:
            self._reader.feed(data)

    def request_came(self, request: Request) -> None:
        if self._is_lingering or self.transport.is_closing():
            return  # it was told that nothing more is read (RFC 9112 §9.6)
        self._taken = 0
        exchange = self._incoming = self._new_exchange(request)
        if (request.length or 0) > self.door.bounds.largest_body:
            exchange.doom = ContentTooLarge()
        self._line_up(exchange)

    def _new_exchange(self, request: Request) -> Exchange:
        identity = request.field(b"x-request-id")
        known = identity if identity is not None and _REQUEST_ID.fullmatch(identity) else None
        return Exchange(self, request, self.door.sender(self._peer, request), known)

    def _line_up(self, exchange: Exchange) -> None:
        if self._exchange is None and not self._is_full:
            self._start(exchange)
        else:
            self._turn.append(exchange)
            self.pause()

    def body_came(self, data: bytes) -> None:
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

    def body_is_over(self) -> None:
        exchange, self._incoming = self._incoming, None
        if exchange is None:
            return
        exchange.request_is_over()
        if exchange.is_over and self._is_lingering:
            self.transport.close()

    def early_came(self, data: bytes) -> None:
        """A service that has not agreed to a WebSocket would take it for another request."""
        self._early = data
        self._is_handshake = True
        self.pause()

    def cannot_be_read(self, error: AppError) -> None:
        exchange, self._incoming = self._incoming, None
        if self.transport.is_closing():
            return
        if exchange is None:
            exchange = self._new_exchange(_NONE)
            exchange.doom = error
            self._line_up(exchange)
        elif exchange is self._exchange:
            exchange.is_request_over = True  # all that there will be of it
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

    @property
    def unsent(self) -> int:
        return self.transport.get_write_buffer_size()

    def pause(self) -> None:
        self._reader.hold()
        if not self.transport.is_closing():
            self.transport.pause_reading()

    def resume(self) -> None:
        may_speak = self._is_tunnel or not self._is_handshake
        if may_speak and not self._turn and not self.transport.is_closing():
            self.transport.resume_reading()
            if self._reader.release():  # later: whoever calls this may still have to pass on what came before
                self.door.loop.call_soon(self._reader.feed, b"")

    def become_tunnel(self) -> None:
        self._is_tunnel = True
        self.resume()  # before the service can be full of what follows
        early, self._early = self._early, b""
        if early:
            self.data_received(early)

    def exchange_is_over(self, exchange: Exchange) -> None:
        self._exchange = None
        self._silent_since = self.door.loop.time()
        if self.transport.is_closing():
            return
        if not exchange.is_request_over:
            self._linger()
        elif not self.keep_alive or self.door.is_stopping:
            self.transport.close()
        elif self._turn:
            self.door.loop.call_soon(self._next)
        else:
            self.resume()  # the service may have been full to the last

    def _next(self) -> None:
        if self._turn and self._exchange is None and not self._is_full and not self.transport.is_closing():
            self._start(self._turn.popleft())
            self.resume()  # only now: what has been read already may be another request

    def _linger(self) -> None:
        """A socket that is closed while bytes still come in is reset, and a reset can overtake the answer (§9.6)."""
        self._is_lingering = True
        self._taken = 0
        self._turn.clear()
        self.resume()
        self.door.loop.call_later(_LINGER_SECONDS, self.transport.close)

    def close(self) -> None:
        """After what was written has been sent, if it is taken soon: see `check`."""
        self._exchange = None
        self._silent_since = self.door.loop.time()
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
        if self._exchange is not None:
            self._exchange.check(now)
        elif self._reader.is_in_head and not self.transport.is_closing():
            if now - self._reader.began_at > self.door.bounds.head_seconds:
                self._reader.stop(RequestTimeout())
        elif now - self._silent_since > _KEPT_ALIVE:
            # What it has not taken by now of its last answer, it never will.
            self.transport.abort()

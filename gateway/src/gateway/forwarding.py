"""Passes one request to a service and its answer back, without holding either (RFC 9110 §7.6)."""

import asyncio
from typing import TYPE_CHECKING

import structlog

from gateway.errors import UpstreamError, UpstreamFailed, UpstreamTimeout
from gateway.headers import answer_fields, request_head
from gateway.messages import AnswerHead
from gateway.service_connection import ServiceConnection
from gateway.upstreams import Address, Upstream

if TYPE_CHECKING:
    from gateway.exchange import Exchange

log = structlog.get_logger()

# RFC 9110 §9.2.1. PUT and DELETE are idempotent too, but a client that is told 404 or 412 by the second one would
# believe something wrong of the first.
_REPEATABLE = frozenset({b"GET", b"HEAD", b"OPTIONS"})
_MOST_WAITING = 64 * 1024
_SWITCHING = 101


class Forwarding:
    """Between an exchange and a connection to a service; what one side cannot take, the other is not asked for."""

    def __init__(self, exchange: "Exchange", upstream: Upstream) -> None:
        self._exchange = exchange
        self._upstream = upstream
        self._request = exchange.request
        self._head = request_head(exchange.request, exchange.sender, exchange.id)
        self.expects_body = exchange.request.method != b"HEAD"
        self.wants_tunnel = exchange.request.is_websocket
        self._connection: ServiceConnection | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._waiting: list[bytes] = []
        self._tried: list[Address] = []
        self._may_repeat = exchange.request.method in _REPEATABLE and exchange.request.length == 0
        self._is_request_over = False
        self._client_is_full = False
        self._is_tunnel = False

    def begin(self) -> None:
        address = self._upstream.choose()
        connection = address.take_idle() if address is not None else None
        if connection is not None:
            self._ask(connection)
        else:
            self._connecting = self._exchange.spawn(self._connect())

    async def _connect(self) -> None:
        try:
            connection = await self._upstream.connect(self._tried)
        except UpstreamError as error:
            self.failed(error)
            return
        finally:
            self._connecting = None
        self._ask(connection)

    def _ask(self, connection: ServiceConnection) -> None:
        self._connection = connection
        connection.ask(self, self._head, is_whole=self._request.length == 0)
        for piece in self._waiting:
            connection.write(piece)
        if self._waiting:
            self._waiting.clear()
            self._exchange.resume_client()
        if self._is_request_over:
            connection.request_is_over()

    # From the client.

    def piece(self, data: bytes) -> None:
        if self._request.length is None and not self._is_tunnel:
            data = b"%x\r\n%b\r\n" % (len(data), data)
        self._send(data)

    def _send(self, data: bytes) -> None:
        if self._connection is not None:
            self._connection.write(data)
        else:
            self._waiting.append(data)
            if sum(map(len, self._waiting)) > _MOST_WAITING:
                self._exchange.pause_client()

    def request_is_over(self) -> None:
        if self._is_request_over:
            return
        if self._request.length is None:
            self._send(b"0\r\n\r\n")
        self._is_request_over = True
        if self._connection is not None:
            self._connection.request_is_over()

    def client_is_gone(self) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
        if self._connection is not None:
            self._connection.abandon()
            self._connection = None

    def client_is_full(self) -> None:
        self._client_is_full = True
        if self._connection is not None:
            self._connection.pause()

    def client_can_take(self) -> None:
        self._client_is_full = False
        if self._connection is not None:
            self._connection.resume()

    @property
    def waits_for_client(self) -> bool:
        """It is the client whose silence lasts, not the service's."""
        return self._client_is_full or not (self._is_request_over or self._exchange.is_answering)

    # From the service.

    def informed(self, status: int) -> None:
        self._exchange.inform(status)

    def head(self, head: AnswerHead) -> None:
        self._may_repeat = False
        self._is_tunnel = head.status == _SWITCHING
        self._exchange.start(head.status, answer_fields(head), head.length)

    def answer_piece(self, data: bytes) -> None:
        self._exchange.answer_piece(data)

    def answered(self) -> None:
        self._connection = None
        if self._is_tunnel:
            self._exchange.cut_off()
        else:
            self._exchange.end()

    def failed(self, error: UpstreamError) -> None:
        connection, self._connection = self._connection, None
        if (
            self._may_repeat
            and connection is not None
            and isinstance(error, UpstreamFailed)
            and connection.is_untouched
        ):
            # It died before the first byte of an answer: once more, on a new one.
            self._may_repeat = False
            self._connecting = self._exchange.spawn(self._connect())
            return
        # Not in its own words: they could tell the address and headers, and so tokens.
        cause = type(error.__cause__).__name__ if error.__cause__ else None
        log.warning("upstream.failed", service=self._upstream.name, problem=error.slug, cause=cause)
        if self._exchange.is_answering:
            self._exchange.cut_off()
        else:
            self._exchange.refuse(error)

    def time_out(self) -> None:
        if self._connection is not None:
            self._connection.abandon()
            self._connection = None
            self.failed(UpstreamTimeout())

    def service_is_full(self) -> None:
        self._exchange.pause_client()

    def service_can_take(self) -> None:
        self._exchange.resume_client()

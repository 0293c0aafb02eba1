"""Passes one request to a service and its answer back, without holding either (RFC 9110 §7.6)."""

import asyncio
from typing import TYPE_CHECKING

import structlog

from gateway.errors import UpstreamError, UpstreamFailed, UpstreamTimeout
from gateway.headers import answer_fields, expects_continue, request_head
from gateway.messages import AnswerHead, Request
from gateway.outgoing_body import OutgoingBody
from gateway.service_connection import ServiceConnection
from gateway.upstreams import Address, Upstream

if TYPE_CHECKING:
    from gateway.exchange import Exchange

log = structlog.get_logger()

# RFC 9110 §9.2.1 and §9.2.2. One with a condition is not as idempotent: its own first success would make it fail.
_SAFE = frozenset({b"GET", b"HEAD", b"OPTIONS"})
_IDEMPOTENT = frozenset({b"PUT", b"DELETE"})
_CONDITIONS = (b"if-match", b"if-none-match", b"if-unmodified-since")
_MOST_REPEATS = 2
_CONTINUE = 100
_SWITCHING = 101


class Forwarding:
    """Between an exchange and a connection to a service; what one side cannot take, the other is not asked for.

    A connection can die before an answer, and nobody tells whether its request was carried out: what is idempotent is
    sent again. A body is kept back until the service asks for it (RFC 9110 §10.1.1), so that it can be. What is not
    idempotent is sent again only with a body that was not asked for, and after a connection that had been idle: then it
    was closed before it saw the request. Without a body it never goes out on such a connection.
    """

    def __init__(self, exchange: "Exchange", upstream: Upstream) -> None:
        self._exchange = exchange
        self._upstream = upstream
        self._request = exchange.request
        self._head = request_head(exchange.request, exchange.sender, exchange.id)
        self.expects_body = exchange.request.method != b"HEAD"
        self.wants_tunnel = exchange.request.is_websocket
        self._connection: ServiceConnection | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._body = OutgoingBody(exchange)
        self._tried: list[Address] = []
        self._is_idempotent = _is_idempotent(exchange.request)
        self._repeats = 0
        self._client_is_full = False
        self._service_is_full = False
        self._is_tunnel = False

    def begin(self) -> None:
        address = self._upstream.choose()
        may_be_dying = self._body.is_kept_back or (self._is_idempotent and self._request.length == 0)
        connection = address.take_idle() if address is not None and may_be_dying else None
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
        self._body.offer(connection)

    # From the client.

    def piece(self, data: bytes) -> None:
        if not self._is_tunnel:
            self._body.piece(data)
        elif self._connection is not None:
            self._connection.write(data)

    def request_is_over(self) -> None:
        self._body.end()

    def client_is_gone(self) -> None:
        self._body.withdraw()
        if self._connecting is not None:
            self._connecting.cancel()
        if self._connection is not None:
            if self._is_tunnel:
                self._connection.leave()
            else:
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
        if self._client_is_full:
            return True
        if self._service_is_full:
            return False
        return not (self._body.is_over or self._body.is_kept_back or self._exchange.answer.has_begun)

    # From the service.

    def informed(self, status: int) -> None:
        if status != _CONTINUE or expects_continue(self._request):
            self._exchange.answer.inform(status)
        if status == _CONTINUE:
            self._body.release()

    def head(self, head: AnswerHead) -> None:
        self._is_tunnel = head.status == _SWITCHING
        self._exchange.is_endless = self._is_tunnel or _is_event_stream(head)
        self._body.answered(head.status)
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
        self._body.withdraw()
        connection, self._connection = self._connection, None
        if connection is not None and self._may_repeat(connection, error):
            self._repeats += 1
            self._service_is_full = False
            self._tried = [connection.address] if len(self._upstream.addresses) > 1 else []
            self._connecting = self._exchange.spawn(self._connect())
            return
        # Not in its own words: they could tell the address and headers, and so tokens.
        cause = type(error.__cause__).__name__ if error.__cause__ else None
        log.warning("upstream.failed", service=self._upstream.name, problem=error.slug, cause=cause)
        if self._exchange.answer.has_begun:
            self._exchange.cut_off()
        else:
            self._exchange.refuse(error)

    def time_out(self) -> None:
        if self._connection is not None:
            self._connection.abandon()
            self._connection = None
            self.failed(UpstreamTimeout())

    def _may_repeat(self, connection: ServiceConnection, error: UpstreamError) -> bool:
        """It died before the first byte of an answer, and the same request cannot have been carried out twice."""
        is_harmless = self._is_idempotent or (self._body.is_kept_back and connection.was_idle)
        died = isinstance(error, UpstreamFailed) and connection.is_untouched and not self._exchange.answer.has_begun
        return is_harmless and self._body.is_whole and died and self._repeats < _MOST_REPEATS

    def service_is_full(self) -> None:
        self._service_is_full = True
        self._exchange.pause_client()

    def service_can_take(self) -> None:
        self._service_is_full = False
        self._exchange.resume_client()


def _is_idempotent(request: Request) -> bool:
    if request.method in _SAFE:
        return True
    return request.method in _IDEMPOTENT and not any(request.field(name) for name in _CONDITIONS)


def _is_event_stream(head: AnswerHead) -> bool:
    return any(name == b"content-type" and value.startswith(b"text/event-stream") for name, value in head.fields)

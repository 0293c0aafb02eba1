"""The body of a request on its way to a service, kept back until the service asks for it (RFC 9110 §10.1.1)."""

import asyncio
from typing import TYPE_CHECKING

from gateway.headers import expects_continue
from gateway.service_connection import ServiceConnection

if TYPE_CHECKING:
    from gateway.exchange import Exchange

_PATIENCE = 1.0  # seconds that a service may take to ask for a body; some never do
_MOST_WAITING = 64 * 1024
_CONTINUE = 100
_FIRST_REFUSAL = 400


class OutgoingBody:
    """While it is kept back it can be offered to another connection; a service that refuses the head never gets it."""

    def __init__(self, exchange: "Exchange") -> None:
        request = exchange.request
        self.is_over = False
        self.is_kept_back = request.length != 0 and not request.is_websocket
        self._exchange = exchange
        self._is_empty = request.length == 0
        self._is_chunked = request.length is None
        self._is_dropped = False
        self._waiting = bytearray()
        self._connection: ServiceConnection | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_whole(self) -> bool:
        """Nothing of it has been let go."""
        return self.is_kept_back or self._is_empty

    # From the client.

    def piece(self, data: bytes) -> None:
        self._send(b"%x\r\n%b\r\n" % (len(data), data) if self._is_chunked else data)

    def end(self) -> None:
        if self.is_over:
            return
        if self._is_chunked:
            self._send(b"0\r\n\r\n")
        self.is_over = True
        if self._connection is not None and not self.is_kept_back:
            self._connection.request_is_over()

    def _send(self, data: bytes) -> None:
        if self._is_dropped:
            return
        if self._connection is not None and not self.is_kept_back:
            self._connection.write(data)
            return
        self._waiting += data
        if len(self._waiting) > _MOST_WAITING:
            self._exchange.pause_client()

    # To the service.

    def offer(self, connection: ServiceConnection) -> None:
        self._connection = connection
        if self.is_kept_back:
            self._timer = self._exchange.call_later(_PATIENCE, self._ask)

    def withdraw(self) -> None:
        """The connection is no more."""
        self._forget_timer()
        self._connection = None

    def _ask(self) -> None:
        """In the place of a service that does not."""
        if expects_continue(self._exchange.request):
            self._exchange.answer.inform(_CONTINUE)
        self.release()

    def release(self) -> None:
        self._forget_timer()
        if not self.is_kept_back or self._connection is None:
            return
        self.is_kept_back = False
        waiting, self._waiting = self._waiting, bytearray()
        if waiting:
            self._exchange.resume_client()  # before the service can be full of it
            self._connection.write(bytes(waiting))
        if self.is_over:
            self._connection.request_is_over()

    def answered(self, status: int) -> None:
        """Whether or not it was asked for."""
        if self.is_kept_back and status >= _FIRST_REFUSAL:
            self._forget_timer()
            self._is_dropped = True
            self._waiting.clear()
            self._exchange.resume_client()
        else:
            self.release()

    def _forget_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

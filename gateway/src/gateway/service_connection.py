"""One connection to a service: writes a request, and has its answer read."""

import asyncio
from typing import TYPE_CHECKING, Protocol, cast

from gateway.answer_reader import AnswerReader, Listener
from gateway.errors import UpstreamError, UpstreamFailed

if TYPE_CHECKING:
    from gateway.upstreams import Address

# What is read at once, and so what a client that stalls can make us hold. All connections read into the same one: it is
# emptied before another can be served.
_BUFFER = bytearray(64 * 1024)
_BUFFER_VIEW = memoryview(_BUFFER)
_LEAVING_SECONDS = 5.0


class Asker(Listener, Protocol):
    """Who is told what comes back. Exactly one of `answered` and `failed` ends it."""

    def answered(self) -> None: ...
    def failed(self, error: UpstreamError) -> None: ...
    def service_is_full(self) -> None: ...
    def service_can_take(self) -> None: ...


class ServiceConnection(asyncio.BufferedProtocol):
    """Idle, or busy with one exchange at a time."""

    transport: asyncio.Transport

    def __init__(self, address: "Address") -> None:
        self.address = address
        self.idle_since = 0.0
        self._reader = AnswerReader()
        self._asker: Asker | None = None
        self._request_is_over = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is none

    # What the exchange does with it.

    def ask(self, asker: Asker, head: bytes, *, is_whole: bool) -> None:
        """Sends the head of a request; `is_whole` if nothing follows it."""
        self._asker = asker
        self._reader.begin(asker)
        self._request_is_over = is_whole
        self.transport.write(head)

    def write(self, data: bytes) -> None:
        self.transport.write(data)

    def request_is_over(self) -> None:
        self._request_is_over = True

    @property
    def was_idle(self) -> bool:
        """It had an exchange before this one, so it may have been dying when this one began."""
        return self.idle_since > 0

    @property
    def is_untouched(self) -> bool:
        """Not a byte of an answer came."""
        return self._reader.is_untouched

    def abandon(self) -> None:
        """Ends the exchange and the connection at once: a service sees its request cut off."""
        self._forget()
        self.transport.abort()

    def leave(self) -> None:
        """Ends the exchange, and the connection when the service has taken all, or some seconds later."""
        self._forget()
        self.transport.close()
        asyncio.get_running_loop().call_later(_LEAVING_SECONDS, self.transport.abort)

    def pause(self) -> None:
        if not self.transport.is_closing():
            self.transport.pause_reading()

    def resume(self) -> None:
        if not self.transport.is_closing():
            self.transport.resume_reading()

    # What comes from the service.

    def get_buffer(self, sizehint: int) -> bytearray:
        return _BUFFER

    def buffer_updated(self, nbytes: int) -> None:
        if self._asker is None:  # nobody asked
            self.transport.abort()
            return
        try:
            self._reader.feed(bytes(_BUFFER_VIEW[:nbytes]))
        except UpstreamFailed:
            self._fail()
        else:
            if self._reader.is_over:
                self._end()

    def _end(self) -> None:
        """Outside the parser: whoever is told may ask the next thing at once."""
        asker, head = self._asker, self._reader.head
        self._forget()
        if asker is None:
            return
        if head is not None and head.keep_alive and self._request_is_over and self._is_at_rest():
            self.transport.resume_reading()  # its client may have been full to the last
            self.address.give_back(self)
        else:
            self.transport.abort()
            self.address.let_go(self)
        asker.answered()

    def _is_at_rest(self) -> bool:
        return not self.transport.is_closing() and self.transport.get_write_buffer_size() == 0

    def _fail(self) -> None:
        asker = self._asker
        self.abandon()
        if asker is not None:
            asker.failed(UpstreamFailed())

    def _forget(self) -> None:
        self._asker = None
        self._reader.stop()

    def eof_received(self) -> bool:
        head = self._reader.head
        if self._asker is not None and head is not None and head.until_close:
            self._end()
        return False

    def connection_lost(self, error: Exception | None) -> None:
        self.address.let_go(self)
        if self._asker is None:
            return
        if self._reader.is_tunnel:
            self._asker.answered()
            self._forget()
        else:
            self._fail()

    def pause_writing(self) -> None:
        if self._asker is not None:
            self._asker.service_is_full()

    def resume_writing(self) -> None:
        if self._asker is not None:
            self._asker.service_can_take()

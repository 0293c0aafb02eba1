"""One connection to a service: writes a request, and reads what is answered (RFC 9112)."""

import asyncio
from typing import TYPE_CHECKING, Protocol, cast

import httptools

from gateway.errors import UpstreamError, UpstreamFailed
from gateway.messages import AnswerHead, Fields, options_of

if TYPE_CHECKING:
    from gateway.upstreams import Address

_LARGEST_HEAD = 64 * 1024
# What is read at once, and so what a client that stalls can make us hold. All connections read into the same one: it is
# emptied before another can be served.
_BUFFER = bytearray(64 * 1024)
_BUFFER_VIEW = memoryview(_BUFFER)
_LEAVING_SECONDS = 5.0
_STATUSES = range(200, 600)
_CONTINUE = range(100, 200)
_SWITCHING = 101


class Asker(Protocol):
    """Who is told what comes back. Exactly one of `answered` and `failed` ends it."""

    expects_body: bool  # False for HEAD, whose answer tells the length of a body that does not come
    wants_tunnel: bool

    def informed(self, status: int) -> None: ...
    def head(self, head: AnswerHead) -> None: ...
    def answer_piece(self, data: bytes) -> None: ...
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
        self._asker: Asker | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._head_bytes = 0
        self._head: AnswerHead | None = None
        self._left = 0  # of a body whose length is known
        self._fields: Fields = []
        self._is_over = False
        self._is_tunnel = False
        self._request_is_over = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is none

    # What the exchange does with it.

    def ask(self, asker: Asker, head: bytes, *, is_whole: bool) -> None:
        """Sends the head of a request; `is_whole` if nothing follows it."""
        self._asker = asker
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
        return self._head_bytes == 0

    def abandon(self) -> None:
        """Ends the exchange and the connection at once: a service sees its request cut off."""
        self._asker = None
        self.transport.abort()

    def leave(self) -> None:
        """Ends the exchange, and the connection when the service has taken all, or some seconds later."""
        self._asker = None
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
        data = bytes(_BUFFER_VIEW[:nbytes])
        asker = self._asker
        if asker is None:  # nobody asked
            self.transport.abort()
        elif self._is_tunnel:
            asker.answer_piece(data)
        elif self._left:
            self._body(asker, data)
        else:
            self._parse(data)
        if self._is_over:
            self._end()

    def _body(self, asker: Asker, data: bytes) -> None:
        """Past the parser, whose callbacks would only copy it."""
        if len(data) > self._left:
            data = data[: self._left]
            assert self._head is not None
            self._head.keep_alive = False
        self._left -= len(data)
        asker.answer_piece(data)
        if self._left == 0:
            self._is_over = True
            self._parser = httptools.HttpResponseParser(self)

    def _parse(self, data: bytes) -> None:
        if self._head is None:
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._switch(data[upgrade.args[0] :])
        except httptools.HttpParserCallbackError as error:
            if not isinstance(error.__context__, UpstreamFailed):
                raise
            self._fail()
        except httptools.HttpParserError:
            self._fail()
        else:
            if self._head is None and self._head_bytes > _LARGEST_HEAD:
                self._fail()

    def on_message_begin(self) -> None:
        if self._is_over:
            assert self._head is not None
            self._head.keep_alive = False  # more than was asked for
        self._fields = []

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._head is None:  # else it is a trailer, and dropped (RFC 9110 §6.5.1)
            self._fields.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        asker, status = self._asker, self._parser.get_status_code()
        if asker is None or self._is_over or status == _SWITCHING:
            return
        if status in _CONTINUE:
            asker.informed(status)
            return
        self._head = head = self._judged(status)
        self._left = head.length or 0
        if not asker.expects_body:
            self._left = 0
            self._is_over = True
            self._parser = httptools.HttpResponseParser(self)
        asker.head(head)

    def _judged(self, status: int) -> AnswerHead:
        """Raises UpstreamFailed for an answer that nobody could pass on."""
        lengths = [value for name, value in self._fields if name == b"content-length"]
        codings = [value.lower() for name, value in self._fields if name == b"transfer-encoding"]
        if status not in _STATUSES or codings not in ([], [b"chunked"]):
            raise UpstreamFailed
        # What has been read may be more than the head, so it is only counted where it could be too large.
        if self._head_bytes > _LARGEST_HEAD and sum(map(_size, self._fields)) > _LARGEST_HEAD:
            raise UpstreamFailed
        has_body = status not in {204, 304}
        length = int(lengths[0]) if lengths and not codings else (None if has_body else 0)
        return AnswerHead(
            status,
            self._fields,
            length,
            until_close=has_body and not lengths and not codings,
            keep_alive=self._parser.get_http_version() == "1.1" and b"close" not in options_of(self._fields),
        )

    def on_body(self, data: bytes) -> None:
        if self._asker is None:
            return
        if self._is_over:
            assert self._head is not None
            self._head.keep_alive = False  # to HEAD
            return
        if self._left:
            self._left -= len(data)
        self._asker.answer_piece(data)

    def on_message_complete(self) -> None:
        if self._head is not None:
            self._is_over = True

    def _switch(self, rest: bytes) -> None:
        asker = self._asker
        is_wanted = asker is not None and asker.wants_tunnel and self._head is None
        if asker is None or not is_wanted or self._parser.get_status_code() != _SWITCHING:
            self._fail()
            return
        self._is_tunnel = True
        asker.head(AnswerHead(_SWITCHING, self._fields, 0, until_close=False, keep_alive=False))
        if rest:
            asker.answer_piece(rest)

    def _end(self) -> None:
        """Outside the parser: whoever is told may ask the next thing at once."""
        asker, head, self._asker, self._head = self._asker, self._head, None, None
        self._is_over = False
        self._head_bytes = self._left = 0
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

    def _fail(self, error: UpstreamError | None = None) -> None:
        asker, self._asker = self._asker, None
        self.transport.abort()
        if asker is not None:
            asker.failed(error or UpstreamFailed())

    def eof_received(self) -> bool:
        if self._asker is not None and self._head is not None and self._head.until_close:
            self._is_over = True
            self._end()
        return False

    def connection_lost(self, error: Exception | None) -> None:
        self.address.let_go(self)
        if self._asker is not None:
            if self._is_tunnel:
                self._asker.answered()
                self._asker = None
            else:
                self._fail()

    def pause_writing(self) -> None:
        if self._asker is not None:
            self._asker.service_is_full()

    def resume_writing(self) -> None:
        if self._asker is not None:
            self._asker.service_can_take()


def _size(field: tuple[bytes, bytes]) -> int:
    return len(field[0]) + len(field[1])

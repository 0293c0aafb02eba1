"""Makes answers of the bytes that a service sends (RFC 9112)."""

from typing import Protocol

import httptools

from gateway.errors import UpstreamFailed
from gateway.messages import AnswerHead, Fields, options_of

_LARGEST_HEAD = 64 * 1024
_STATUSES = range(200, 600)
_CONTINUE = range(100, 200)
_SWITCHING = 101


class Listener(Protocol):
    """Who is told what came."""

    expects_body: bool  # False for HEAD, whose answer tells the length of a body that does not come
    wants_tunnel: bool

    def informed(self, status: int) -> None: ...
    def head(self, head: AnswerHead) -> None: ...
    def answer_piece(self, data: bytes) -> None: ...


class AnswerReader:
    """One answer after the other, each to the listener that it was begun for."""

    def __init__(self) -> None:
        self.head: AnswerHead | None = None
        self.is_over = False
        self.is_tunnel = False
        self._listener: Listener | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._head_bytes = 0
        self._left = 0  # of a body whose length is known
        self._fields: Fields = []

    def begin(self, listener: Listener) -> None:
        self._listener = listener
        self.head = None
        self.is_over = False
        self._head_bytes = self._left = 0

    def stop(self) -> None:
        """Nobody is told any more."""
        self._listener = None

    @property
    def is_untouched(self) -> bool:
        """Not a byte of an answer came."""
        return self._head_bytes == 0

    def feed(self, data: bytes) -> None:
        """Raises UpstreamFailed for what nobody could pass on."""
        if self.is_tunnel:
            if self._listener is not None:
                self._listener.answer_piece(data)
        elif self._left:
            self._body(data)
        else:
            self._parse(data)

    def _body(self, data: bytes) -> None:
        """Past the parser, whose callbacks would only copy it."""
        assert self.head is not None
        if len(data) > self._left:
            data = data[: self._left]
            self.head.keep_alive = False
        self.on_body(data)
        if self._left == 0:
            self.is_over = True
            self._parser = httptools.HttpResponseParser(self)

    def _parse(self, data: bytes) -> None:
        if self.head is None:
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._switch(data[upgrade.args[0] :])
        except httptools.HttpParserCallbackError as error:
            if not isinstance(error.__context__, UpstreamFailed):
                raise
            raise error.__context__ from error
        except httptools.HttpParserError as error:
            raise UpstreamFailed from error
        if self.head is None and self._head_bytes > _LARGEST_HEAD:
            raise UpstreamFailed

    def _switch(self, rest: bytes) -> None:
        listener = self._listener
        is_switching = self.head is None and self._parser.get_status_code() == _SWITCHING
        if listener is None or not (listener.wants_tunnel and is_switching):
            raise UpstreamFailed
        self.is_tunnel = True
        self.head = AnswerHead(_SWITCHING, self._fields, 0, until_close=False, keep_alive=False)
        listener.head(self.head)
        if rest:
            listener.answer_piece(rest)

    # The parser's callbacks.

    def on_message_begin(self) -> None:
        if self.is_over:
            assert self.head is not None
            self.head.keep_alive = False  # more than was asked for
        self._fields = []

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.head is None:  # else it is a trailer, and dropped (RFC 9110 §6.5.1)
            self._fields.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        listener, status = self._listener, self._parser.get_status_code()
        if listener is None or self.is_over or status == _SWITCHING:
            return
        if status in _CONTINUE:
            listener.informed(status)
            return
        self.head = head = self._judged(status)
        self._left = head.length or 0
        if not listener.expects_body:
            self._left = 0
            self.is_over = True
            self._parser = httptools.HttpResponseParser(self)
        listener.head(head)

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
        if self._listener is None:
            return
        if self.is_over:
            assert self.head is not None
            self.head.keep_alive = False  # to HEAD
            return
        if self._left:
            self._left -= len(data)
        self._listener.answer_piece(data)

    def on_message_complete(self) -> None:
        if self.head is not None:
            self.is_over = True
            if not self._parser.should_keep_alive():  # a trailer may say so too, and the parser then reads no more
                self.head.keep_alive = False


def _size(field: tuple[bytes, bytes]) -> int:
    return len(field[0]) + len(field[1])

"""The HTTP/1.1 parser's callbacks, with what uvicorn leaves open closed."""

from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from strongroom.web.cutting import offer_cut

_LARGEST_HEAD = 64 * 1024
_FIELD = 32  # bytes that a field counts beside its own: a thousand tiny ones are as much work as large ones


class StrictHttp11(HttpToolsProtocol):
    """Trailers are dropped, a head may have 64 KiB, and CONNECT is refused: its body would be read as a request.

    uvicorn adds a chunked request's trailers to the headers when both arrive in one read, where an `X-Forwarded-For`
    that a proxy passed on as a trailer would be believed (RFC 9110 §6.5.1).
    """

    _head_bytes = 0
    _head_is_over = False

    def on_message_begin(self) -> None:
        self._head_bytes = 0
        self._head_is_over = False
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._head_is_over = True
        if self.parser.get_method() == b"CONNECT":
            raise ValueError("this is no proxy")
        offer_cut(cast("Any", self.scope), self._cut)
        super().on_headers_complete()

    def _cut(self, code: int, reason: str) -> None:
        """HTTP has no words for it: the client sees that the answer is not whole."""
        self.transport.abort()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._head_is_over:
            return
        self._head_bytes += len(name) + len(value) + _FIELD
        if self._head_bytes > _LARGEST_HEAD:
            raise ValueError("the head of the request is too large")  # uvicorn answers 400 and closes
        super().on_header(name, value)

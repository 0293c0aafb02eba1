"""Puts the answer to one request on the wire (RFC 9112 §4, §6)."""

from http import HTTPStatus
from typing import TYPE_CHECKING

from gateway.headers import may_have_body
from gateway.messages import Request

if TYPE_CHECKING:
    from gateway.client_connection import ClientConnection

_SWITCHING = 101
_NO_CONTENT, _NOT_MODIFIED = 204, 304
_STATUS_LINES = {
    status: b"HTTP/1.1 %d %b\r\n"
    % (status, HTTPStatus(status).phrase.encode() if status in HTTPStatus._value2member_map_ else b"")
    for status in range(100, 600)
}


class Answer:
    """`is_tunnel` once both sides have agreed to speak something else from there on."""

    def __init__(self, client: "ClientConnection", request: Request, request_id: bytes) -> None:
        self.has_begun = False
        self.is_tunnel = False
        self._client = client
        self._request = request
        self._id = request_id
        self._is_chunked = False

    def inform(self, status: int) -> None:
        """1xx, without fields."""
        if self._request.is_http11 and not self.has_begun:
            self._client.write(_STATUS_LINES[status] + b"\r\n")

    def start(self, status: int, lines: list[bytes], length: int | None) -> None:
        self.has_begun = True
        head = [_STATUS_LINES[status], *lines, b"x-request-id: %b\r\n" % self._id]
        if status == _SWITCHING:
            self.is_tunnel = True
            self._client.keep_alive = False
            head.append(b"connection: upgrade\r\nupgrade: websocket\r\n")
        else:
            head.append(self._framing(status, length))
            if not self._client.keep_alive:
                head.append(b"connection: close\r\n")
        head.append(b"\r\n")
        self._client.write(b"".join(head))
        if self.is_tunnel:
            self._client.become_tunnel()

    def _framing(self, status: int, length: int | None) -> bytes:
        if length is not None:
            is_untold = status == _NO_CONTENT or (status == _NOT_MODIFIED and not length)
            return b"" if is_untold else b"content-length: %d\r\n" % length
        if not may_have_body(self._request.method, status):
            return b""
        if self._request.is_http11:
            self._is_chunked = True
            return b"transfer-encoding: chunked\r\n"
        self._client.keep_alive = False
        return b""

    def piece(self, data: bytes) -> None:
        self._client.write(b"%x\r\n%b\r\n" % (len(data), data) if self._is_chunked else data)

    def end(self) -> None:
        if self._is_chunked:
            self._client.write(b"0\r\n\r\n")

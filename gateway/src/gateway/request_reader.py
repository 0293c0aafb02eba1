"""Makes requests of the bytes that a client sends (RFC 9112)."""

import urllib.parse
from collections.abc import Callable
from typing import Protocol

import httptools

from gateway.errors import HeadTooLarge, TargetTooLong
from gateway.messages import Fields, Request, options_of, request_length
from strongroom.errors import AppError, BadRequest

_LARGEST_HEAD = 64 * 1024
_LONGEST_TARGET = 32 * 1024  # httptools, and so the services, cannot take one apart that has 64 KiB
_PORTION = 16 * 1024  # is parsed at once; what is too large is noticed so much later
_FIELD = 32  # bytes that a field counts beside its own: a thousand tiny ones are as much work as large ones


class Listener(Protocol):
    """Who is told what came."""

    def request_came(self, request: Request) -> None: ...
    def body_came(self, data: bytes) -> None: ...
    def body_is_over(self) -> None: ...

    def early_came(self, data: bytes) -> None:
        """Behind the head of a WebSocket handshake, which nobody has agreed to yet."""

    def cannot_be_read(self, error: AppError) -> None:
        """Nothing is read any more after this."""


class RequestReader:
    """`is_in_head` while a head has begun and is not whole, since `began_at` on the given clock."""

    def __init__(self, listener: Listener, clock: Callable[[], float]) -> None:
        self.is_in_head = False
        self.began_at = 0.0
        self._listener = listener
        self._clock = clock
        self._parser = self._new_parser()
        self._url = b""
        self._fields: Fields = []
        self._head_bytes = 0
        self._unfinished = 0
        self._got_on = False
        self._left = 0  # of a body whose length is known
        self._is_open = False  # a request was announced whose body is not over
        self._is_last = False
        self._is_websocket = False
        self._is_deaf = False
        self._is_held = False
        self._is_feeding = False
        self._unread = b""

    def _new_parser(self) -> httptools.HttpRequestParser:
        parser = httptools.HttpRequestParser(self)
        parser.set_dangerous_leniencies(lenient_data_after_close=True)  # it is passed over here
        return parser

    def feed(self, data: bytes) -> None:
        self._unread = self._unread + data if self._unread else data
        if not self._is_feeding:
            self._is_feeding = True
            try:
                self._read()
            finally:
                self._is_feeding = False

    def _read(self) -> None:
        while self._unread and not self._is_held and not self._is_deaf:
            data, self._unread = self._unread, b""
            try:
                self._unread = self._body(data) if self._left else self._parse(data)
            except AppError as error:  # of a listener to whom the body came past the parser
                self.stop(error)

    def hold(self) -> None:
        """Keeps what has come from the listener: thousands of requests can be in one segment."""
        self._is_held = True

    def release(self) -> bool:
        """Whether there is something left, which the next `feed` begins with."""
        self._is_held = False
        return bool(self._unread)

    def stop(self, error: AppError | None = None) -> None:
        self._is_deaf = True
        self.is_in_head = False
        if error is not None:
            self._listener.cannot_be_read(error)

    def _body(self, data: bytes) -> bytes:
        """Past the parser, whose callbacks would only copy it. Returns what is behind it."""
        data, rest = (data, b"") if len(data) <= self._left else (data[: self._left], data[self._left :])
        self.on_body(data)
        if self._left == 0:
            self._parser = self._new_parser()
            self.on_message_complete()
        return rest

    def _parse(self, data: bytes) -> bytes:
        """Returns what it left unread."""
        data, later = data[:_PORTION], data[_PORTION:]
        self._got_on = False
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            return self._upgraded(data[upgrade.args[0] :] + later)
        except httptools.HttpParserCallbackError as error:
            if not isinstance(error.__context__, AppError):
                raise
            self.stop(error.__context__)
        except httptools.HttpParserError:
            self.stop(BadRequest("This is not HTTP/1.1"))
        else:
            # Of a head, and of trailers: all that came since the last request began, or a piece of its body.
            self._unfinished = len(data) + (0 if self._got_on else self._unfinished)
            if self._unfinished > _LARGEST_HEAD:
                self.stop(HeadTooLarge())
        return later

    def _upgraded(self, rest: bytes) -> bytes:
        """The parser takes any Upgrade for the end of HTTP, and of a body; only a WebSocket is one here."""
        if self._is_websocket:
            self._listener.early_came(rest)
            return b""
        self._parser = self._new_parser()
        return rest

    # The parser's callbacks.

    def on_message_begin(self) -> None:
        self._url = b""
        self._fields = []
        self._head_bytes = 0
        self._got_on = True
        self.is_in_head = True
        self.began_at = self._clock()

    def on_url(self, url: bytes) -> None:
        self._url += url
        if len(self._url) > _LONGEST_TARGET:
            raise TargetTooLong

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.is_in_head:
            return  # a trailer: RFC 9110 §6.5.1
        self._head_bytes += len(name) + len(value) + _FIELD
        if self._head_bytes > _LARGEST_HEAD:
            raise HeadTooLarge
        self._fields.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self.is_in_head = False
        if self._is_last or self._is_deaf:
            return
        request = self._request()
        self._is_last = not request.keep_alive
        self._is_websocket = request.is_websocket
        self._left = request.length or 0
        self._is_open = True
        self._listener.request_came(request)

    def _request(self) -> Request:
        """Raises BadRequest."""
        fields = self._fields
        version = self._parser.get_http_version()
        if version not in {"1.0", "1.1"}:
            raise BadRequest("This is not HTTP/1.1")
        is_http11 = version == "1.1"
        hosts = sum(name == b"host" for name, _ in fields)
        if hosts > 1 or (is_http11 and not hosts):
            raise BadRequest("The request names no host, or several")  # RFC 9112 §3.2
        method = self._parser.get_method()
        if method == b"CONNECT":
            raise BadRequest("This is no proxy")  # and a service's parser would pass over the body
        target = _origin_form(self._url, method)
        length = request_length(fields)
        is_upgrade = self._parser.should_upgrade()
        is_websocket = method == b"GET" and is_http11 and is_upgrade and _asks_websocket(fields)
        if is_websocket and length != 0:
            raise BadRequest("A WebSocket handshake has no body")  # whose end and the first frame could be mistaken
        if is_upgrade and length is None:
            raise BadRequest("A chunked body and a change of protocol do not go together")  # the parser reads no such
        return Request(
            method,
            target,
            _path(target),
            fields,
            length,
            is_http11,
            is_http11 and not is_websocket and b"close" not in options_of(fields),
            is_websocket,
        )

    def on_body(self, data: bytes) -> None:
        self._got_on = True
        if self._left:
            self._left -= len(data)
        if self._is_open:
            self._listener.body_came(data)

    def on_message_complete(self) -> None:
        if self._is_open and not self._left:  # see _upgraded
            self._is_open = False
            self._listener.body_is_over()


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

"""The readers of the gateway: HTTP/1.1 on both sides, what proxies tell, paths, origins, tokens."""

from io import StringIO
from types import SimpleNamespace
from typing import Any, cast

from fuzzing import Target, damaged, header, text
from hypothesis import strategies as st

from gateway.access_lines import AccessLines
from gateway.admission import _checked_token
from gateway.answer_reader import AnswerReader
from gateway.cors import Cors
from gateway.errors import ForeignOrigin, UpstreamFailed
from gateway.headers import Sender, answer_fields, request_head
from gateway.messages import AnswerHead, Request
from gateway.proxies import TrustedProxies
from gateway.request_reader import RequestReader
from gateway.routing import Routes
from strongroom.errors import AppError, BadRequest

SIGNS = (b"\r\n", b"\n", b"\r", b" ", b"\t", b"\x00", b":", b"0", b"chunked", b"\xff")
REQUESTS = (
    b"GET /files/a?b=c HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t\r\n\r\n",
    b"POST /files/b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"PUT /f HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nTrailer: t\r\n\r\n",
    b"GET /files/events HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x85mask",
    b"GET http://x/files HTTP/1.0\r\n\r\n",
    b"CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n",
)
ANSWERS = (
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x00",
    b"HTTP/1.0 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
)


class Heard:
    """Who is told by either reader; that nothing comes out of order is what a service relies on."""

    def __init__(self, *, expects_body: bool = True, wants_tunnel: bool = False) -> None:
        self.expects_body = expects_body
        self.wants_tunnel = wants_tunnel
        self.is_open = False
        self.is_over = False

    def request_came(self, request: Request) -> None:
        assert not self.is_open
        assert not self.is_over
        self.is_open = True
        request_head(request, Sender("192.0.2.7"), b"an-id")

    def body_came(self, _: bytes) -> None:
        assert self.is_open

    def body_is_over(self) -> None:
        assert self.is_open
        self.is_open = False

    def early_came(self, _: bytes) -> None:
        self.is_over = True

    def cannot_be_read(self, _: AppError) -> None:
        self.is_over = True

    def informed(self, status: int) -> None:
        assert 100 <= status < 200

    def head(self, head: AnswerHead) -> None:
        for line in answer_fields(head):
            assert line.count(b"\n") == 1

    def answer_piece(self, data: bytes) -> None:
        assert data is not None


def _in_pieces(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def _request(sent: tuple[bytes, int]) -> None:
    reader = RequestReader(Heard(), lambda: 0.0)
    for piece in _in_pieces(*sent):
        reader.feed(piece)


def _answer(sent: tuple[bytes, int, bool, bool]) -> None:
    data, size, expects_body, wants_tunnel = sent
    reader = AnswerReader()
    reader.begin(Heard(expects_body=expects_body, wants_tunnel=wants_tunnel))
    for piece in _in_pieces(data, size):
        reader.feed(piece)


FIELDS = st.lists(
    st.tuples(
        st.sampled_from([b"host", b"origin", b"authorization", b"connection", b"x-forwarded-for", b"x-forwarded-host"])
        | st.sampled_from(
            [b"x-forwarded-prefix", b"x_forwarded_for", b"sec-websocket-protocol", b"traceparent", b"x-a"]
        ),
        header(
            "https://app.example", "Bearer t", "close, x-a", "192.0.2.7, ::1", "strongroom.v1, bearer.t", "/a/b"
        ).map(lambda value: value.encode("latin-1")),
    ),
    max_size=5,
)
PATHS = text("/files/internal/x", "/auth/../files", "//FILES/./internal", "/s/token", signs="/.%\\\0")


def _asked(fields: list[tuple[bytes, bytes]], path: str = "/files", *, is_websocket: bool = True) -> Request:
    return Request(b"GET", b"/files", path, fields, 0, True, True, is_websocket)


def _passed_on(fields: list[tuple[bytes, bytes]]) -> None:
    """Whoever asks, a service is told of one client, by us."""
    request = _asked(fields)
    head = request_head(request, TrustedProxies("127.0.0.1").sender("127.0.0.1", request), b"an-id")
    assert head.count(b"\r\nx-forwarded-for: ") == 1
    assert head.endswith(b"\r\n\r\n")
    assert head.count(b"\r\n\r\n") == 1


def _from_a_page(fields: list[tuple[bytes, bytes]]) -> None:
    cors = Cors(["https://app.example"], own="https://strongroom.test")
    for request in (_asked(fields), Request(b"OPTIONS", b"/", "/", fields, 0, True, True, False)):
        assert cors.lines(request).count(b"access-control-allow-origin") <= 1
        cors.preflight(request)
        cors.require(request)


def _routed(path: str) -> None:
    routes = Routes({"/files": "files"}, private=["/files/internal"])
    if routes.owner(path) is not None:
        assert not path.lower().startswith("/files/internal/")


def _logged(sent: tuple[str, list[tuple[bytes, bytes]]]) -> None:
    path, fields = sent
    written = StringIO()
    lines = AccessLines(secret_below=("/s/",), to=written)
    exchange = SimpleNamespace(request=_asked(fields, path), status=200, id=b"an-id", sender=Sender("192.0.2.7"))
    lines.add(cast("Any", exchange), 0.0)
    lines.flush()
    assert written.getvalue().count("\n") <= 1


SIZES = st.sampled_from([1, 7, 1000])
TARGETS = [
    Target("request", _request, st.tuples(damaged(*REQUESTS, signs=SIGNS), SIZES)),
    Target(
        "answer of a service",
        _answer,
        st.tuples(damaged(*ANSWERS, signs=SIGNS), SIZES, st.booleans(), st.booleans()),
        (UpstreamFailed,),
    ),
    Target("header fields", _passed_on, FIELDS, (BadRequest,)),
    Target("origin", _from_a_page, FIELDS, (ForeignOrigin,)),
    Target("token in a header", lambda fields: _checked_token(_asked(fields)), FIELDS),
    Target("path", _routed, PATHS),
    Target("line in the log", _logged, st.tuples(PATHS, FIELDS)),
]

"""The file service's readers of header fields."""

from datetime import UTC, datetime

from fuzzing import Target, damaged, header, run, text
from hypothesis import strategies as st
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from file_service.conditions import Validators
from file_service.downloads.download_request import DownloadRequest
from file_service.downloads.errors import RangeNotSatisfiable
from file_service.downloads.ranges import wanted_spans
from file_service.events.web_socket import token_of
from file_service.files.errors import InvalidPath
from file_service.links.credentials import basic_password
from file_service.links.preference import prefers_page
from file_service.negotiation import NotAcceptable, acceptable
from file_service.resumable.checksums import parse_checksum
from file_service.resumable.errors import MalformedHeader, MalformedMetadata, PartialMissing, UnknownAlgorithm
from file_service.resumable.protocol import PATH, TusProtocol
from file_service.resumable.schemas import creation, offset
from file_service.uploads.content_types import SNIFFED_BYTES, TypePolicy, content_type, declared_type
from file_service.uploads.digests import parse_digests
from file_service.uploads.errors import MalformedDigest, TypeNotAllowed

ID = "01a20f6c-e4fa-76e3-be63-e0b65c01e5a3"
ETAG = '"' + "ab" * 32 + '"'
DATE = "Sun, 06 Nov 1994 08:49:37 GMT"
MADE_AT = datetime(2026, 1, 1, tzinfo=UTC)
HEADS = (
    b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0\x00\x10JFIF", b"PK\x03\x04", b"GIF89a", b"\xd0\xcf\x11\xe0",
    b"<!-- --><?xml version='1.0'?><svg xmlns='x'>", b"\xef\xbb\xbf<!doctype html>", b"\xff\xfe<\x00h\x00t\x00m\x00",
    b"RIFF\x00\x00\x00\x00WEBPVP8 ", b"{\\rtf1", b"#!/bin/sh\n", b"plain text\n",
)  # fmt: skip
PROTOCOLS = st.lists(header("strongroom.v1", "bearer.t"), max_size=3)


def _headers(**known: str) -> st.SearchStrategy[Headers]:
    """Some of these fields, each as it should be or not, some of them twice."""
    fields = [st.tuples(st.just(name.replace("_", "-")), header(value)) for name, value in known.items()]
    sent = st.lists(st.one_of(*fields), max_size=len(fields) + 1)
    return sent.map(lambda found: Headers(raw=[(name.encode(), value.encode("latin-1")) for name, value in found]))


def _download(headers: Headers) -> None:
    asked = DownloadRequest.of("GET", headers, inline=False)
    current = Validators(ETAG, MADE_AT, date_is_strong=True)
    asked.conditions.judge(current)
    if asked.conditions.want_range(current):
        wanted_spans(asked.ranges, 1000)


def _type(sent: tuple[str, str, bytes]) -> None:
    """What is stored as the type is sent back as a header."""
    declared, filename, data = sent
    kind = content_type(declared_type(declared), filename, data[:SNIFFED_BYTES])
    assert kind.isascii()
    assert kind.isprintable()
    TypePolicy(allowed=["text/*"], denied=["text/html"]).require(kind, data)


def _method(value: str) -> None:
    meant: list[str] = []

    async def app(scope: Scope, _: Receive, __: Send) -> None:
        meant.append(scope["method"])

    headers = [(b"x-http-method-override", value.encode("latin-1"))]
    run(TusProtocol(app)({"type": "http", "path": PATH, "method": "POST", "headers": headers}, _never, _nowhere))
    assert meant[0] in {"DELETE", "HEAD", "OPTIONS", "PATCH", "POST"}


def _handshake(sent: tuple[str, list[str]]) -> None:
    authorization, protocols = sent
    headers = [(b"authorization", authorization.encode("latin-1"))]
    token_of(WebSocket({"type": "websocket", "headers": headers, "subprotocols": protocols}, _never, _nowhere))


async def _never() -> Message:
    raise AssertionError


async def _nowhere(_: Message) -> None:
    raise AssertionError


TARGETS = [
    Target(
        "conditional and ranged download",
        _download,
        _headers(
            range="bytes=0-4,-5",
            if_match=f"{ETAG}, W/{ETAG}",
            if_none_match="*",
            if_range=ETAG,
            if_modified_since=DATE,
            if_unmodified_since="Sunday, 06-Nov-94 08:49:37 GMT",
        ),
        (RangeNotSatisfiable,),
    ),
    Target(
        "Accept",
        lambda sent: (prefers_page(sent), acceptable(sent, ["text/csv"])),
        header("text/*;q=0.5, */*;q=nan"),
        (NotAcceptable,),
    ),
    Target(
        "creation of a tus upload",
        lambda headers: creation(headers, ["https://x.test/p"]),
        _headers(
            upload_length="100",
            upload_defer_length="1",
            upload_concat=f"final;/files/uploads/{ID} https://x.test/p",
            upload_metadata="filename YQ==,filetype dGV4dC9wbGFpbg==,path",
        ),
        (MalformedHeader, MalformedMetadata, InvalidPath, PartialMissing),
    ),
    Target("offset of a tus upload", offset, _headers(upload_offset="5"), (MalformedHeader,)),
    Target(
        "checksum of a tus upload",
        parse_checksum,
        header("sha1 qvTGHdzF6KLavt4PO0gs2a6pQ00="),
        (UnknownAlgorithm, MalformedHeader),
    ),
    Target("method in a header", _method, header("PATCH", "CONNECT")),
    Target(
        "digests",
        lambda sent: parse_digests(*sent),
        st.tuples(header("sha-256=:YQ==:, md5=:YQ==:", signs="=:,*"), st.none()),
        (MalformedDigest,),
    ),
    Target(
        "type of a file",
        _type,
        st.tuples(header("text/html; charset=utf-8"), text("a.html", "a.tar.gz"), damaged(*HEADS)),
        (TypeNotAllowed,),
    ),
    Target("handshake of a WebSocket", _handshake, st.tuples(header("Bearer t", ""), PROTOCOLS)),
    Target("password of a link", basic_password, header("Basic OnBhc3N3b3Jk", "basic bm8gY29sb24=")),
]

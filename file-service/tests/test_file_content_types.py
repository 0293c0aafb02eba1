"""What an uploaded file is taken for: its bytes decide, then what was declared, then its name."""

import io
import time
import zipfile
from collections.abc import Awaitable, Callable

import httpx2
import pytest
from file_client import FileClient
from leftovers import Leftovers
from starlette.types import ASGIApp

from file_service.app import create_app
from file_service.settings import FileSettings
from file_service.uploads.content_types import SNIFFED_BYTES, content_type, declared_type
from strongroom.testing import TestIssuer

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def archive(*names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as opened:
        for name in names:
            opened.writestr(name, "x" * 100)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("declared", "name", "head", "kept"),
    [
        ("application/x-own; v=1", "a.pdf", b"x", "application/x-own; v=1"),
        (None, "a.csv", b"a,b\n1,2\n", "text/csv"),
        ("text/plain", "a.csv", b"a,b\n1,2\n", "text/plain"),
        (None, "a", b"plain words", "text/plain"),
        (None, "a", b"\x00\x01\x02", "application/octet-stream"),
        (None, "a", b"", "text/plain"),
        ("text/plain", "a.txt", PNG, "image/png"),
        ("image/png", "a.png", b"no picture", "image/png"),
        ("image/png", "a.png", b"\x00\x01\x02", "image/png"),
        ("application/pdf", "a.pdf", b"%PDF-1.7\n\xe2\xe3", "application/pdf"),
        ("text/plain", "a.txt", b"%PDF-1.7\n\xe2\xe3", "application/pdf"),
        ("image/png", "a.png", b"<!DOCTYPE html><script>x</script>", "text/html"),
        ("text/plain", "a.txt", b"  <!-- x --> <html>", "text/html"),
        ("image/jpeg", "a.jpg", b'<?xml version="1.0"?><!-- x --><svg xmlns="x">', "image/svg+xml"),
        ("text/markdown", "a.md", b"# <b>not a page</b>", "text/markdown"),
        (DOCX_TYPE, "a.docx", archive("[Content_Types].xml", "word/document.xml"), DOCX_TYPE),
        (None, "a.docx", archive("[Content_Types].xml", "word/document.xml"), DOCX_TYPE),
        (None, "a", archive("a.txt"), "application/zip"),
        (None, "a.txt", archive("a.txt"), "application/zip"),
        ("text/plain", "a.txt", b"MZ\x90\0" + bytes(40), "application/vnd.microsoft.portable-executable"),
        ("text/plain", "a.txt", b"\xef\xbb\xbf<!doctype html><script>", "text/html"),
        ("text/plain", "a.txt", "<html><script>".encode("utf-16"), "text/html"),
        (None, "a.gz", b"\x1f\x8b\x08" + bytes(30), "application/gzip"),
        (None, "a.mp4", b"\x00\x00\x00\x18ftypmp42" + bytes(40), "video/mp4"),
        ("text/plain", "a.txt", ("é" * SNIFFED_BYTES).encode()[: SNIFFED_BYTES - 1], "text/plain"),
        (None, "a", ("é" * SNIFFED_BYTES).encode()[: SNIFFED_BYTES - 1], "text/plain"),
    ],
)
def test_the_bytes_decide_then_the_declaration_then_the_name(
    declared: str | None, name: str, head: bytes, kept: str
) -> None:
    assert content_type(declared, name, head) == kept


@pytest.mark.parametrize(
    "header",
    [None, "", "nonsense", "text/plain\tx", "application/octet-stream", "a/b\r\nX: y", "x/" + "y" * 300, 'a/b; c="d"'],
)
def test_what_declares_nothing_is_as_if_not_sent(header: str | None) -> None:
    assert declared_type(header) is None


@pytest.mark.parametrize(
    "head",
    [
        b"<!---->" * 600,
        b"<?xml?>" * 600,
        b"<!--" * 1000,
        b"<!doctype svg " * 300,
        b" " * SNIFFED_BYTES,
        b"<!---->\t" * 500 + b"<",
    ],
)
def test_no_file_keeps_us_searching(head: bytes) -> None:
    began = time.process_time()
    content_type(None, "a", head[:SNIFFED_BYTES])
    assert time.process_time() - began < 1  # with an expression that backtracks it would be centuries


async def test_both_types_are_told(ada: FileClient) -> None:
    file = (await ada.upload(PNG, "a.txt", "text/x-mine")).json()
    assert file["content_type"] == "image/png"
    (version,) = (await ada.get(f"/files/{file['id']}/versions")).json()["items"]
    assert (version["content_type"], version["declared_type"]) == ("image/png", "text/x-mine")


@pytest.mark.parametrize(
    ("policy", "status"),
    [
        ({"denied_types": ["text/html"]}, 415),
        ({"denied_types": ["text/*"]}, 415),
        ({"allowed_types": ["image/*"]}, 415),
        ({"allowed_types": ["text/html"], "denied_types": ["text/html"]}, 415),
        ({"allowed_types": ["text/html", "image/png"]}, 201),
        ({"denied_types": ["image/*"]}, 201),
    ],
)
async def test_types_are_allowed_and_denied_by_what_the_bytes_are(
    settings: FileSettings,
    serve: Callable[[ASGIApp], Awaitable[str]],
    http: httpx2.AsyncClient,
    issuer: TestIssuer,
    leftovers: Leftovers,
    policy: dict[str, list[str]],
    status: int,
) -> None:
    origin = await serve(create_app(settings.model_copy(update=policy)))
    client = FileClient(http, origin, issuer.token())
    answer = await client.upload(b"<html>", "a.png", "image/png")
    assert answer.status_code == status
    if status == 415:
        assert answer.json()["type"] == "urn:problem-type:strongroom:type-not-allowed"
        assert leftovers.objects() == set()

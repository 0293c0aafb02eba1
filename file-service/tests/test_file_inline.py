"""What a browser may show under our address, and the names that downloads carry."""

import re
from email.message import Message
from urllib.parse import unquote

import pytest
from file_client import FileClient
from hypothesis import given
from hypothesis import strategies as st

from file_service.downloads.content_disposition import attachment, inline
from file_service.downloads.representation import may_be_shown

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
PDF = b"%PDF-1.7\n\xe2\xe3\xcf\xd3\n"
SAFE = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/avif",
    "audio/mpeg",
    "audio/ogg; codecs=opus",
    "video/mp4",
    "video/webm",
    "text/plain",
    "Text/Plain; charset=utf-8",
    "application/pdf",
]
UNSAFE = [
    "text/html",
    "text/html; charset=utf-8",
    "TEXT/HTML",
    "image/svg+xml",
    "application/xhtml+xml",
    "text/xml",
    "application/xml",
    "image/x+xml",
    "audio/x+xml",
    "video/x+xml",
    "video/x+xml; charset=utf-8",
    "text/css",
    "text/javascript",
    "application/javascript",
    "application/wasm",
    "application/json",
    "application/octet-stream",
    "application/zip",
    "application/x-shockwave-flash",
    "application/x-xpinstall",
    "message/rfc822",
    "multipart/related",
    "multipart/x-mixed-replace",
    "text/csv",
    "text/markdown",
    "text/vtt",
    "text/plainx",
    "text/plain,text/html",
    "text/plain/html",
    "x-text/plain",
    "application/pdfx",
    "image/",
    "audio/",
    "",
]
NAMES = [
    "plain.txt",
    "two words.txt",
    'quo"te.txt',
    "'single'.txt",
    "semi;colon, comma.txt",
    "100%.txt",
    "%2e%2e%2f.txt",
    "naïve.txt",
    "日本語 名.txt",
    "Привет.txt",
    "مرحبا.txt",
    "שלום.txt",
    "नमस्ते.txt",
    "สวัสดี.txt",
    "e\u0301 combining.txt",
    "😀👨‍👩‍👧.txt",
    "right\u202eto-left.txt",
    "=?utf-8?q?encoded?=.txt",
    "filename*=UTF-8''evil.html",
    "x" * 251 + ".txt",
    "é" * 120 + ".txt",
]


def name_in(header: str) -> str:
    """As a client reads it: `filename*` before `filename` (RFC 6266 §4.3)."""
    assert header.isascii()
    assert header.isprintable()
    extended = re.search(r"; filename\*=UTF-8''([A-Za-z0-9!#$&+.^_`|~%-]*)$", header)
    if extended is not None:
        return unquote(extended[1], errors="strict")
    message = Message()
    message["Content-Disposition"] = header
    return str(message.get_filename())


@pytest.mark.parametrize("kind", SAFE)
def test_what_runs_nothing_may_be_shown(kind: str) -> None:
    assert may_be_shown(kind)


@pytest.mark.parametrize("kind", UNSAFE)
def test_what_might_run_something_may_not(kind: str) -> None:
    assert not may_be_shown(kind)


@given(st.from_regex(r"[a-z]{1,12}/[a-z.-]{0,10}\+xml(;.*)?", fullmatch=True))
def test_no_xml_under_whatever_name_may_be_shown(kind: str) -> None:
    assert not may_be_shown(kind)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
def test_any_name_at_all_makes_one_harmless_header(name: str) -> None:
    for header in (attachment(name), inline(name)):
        assert header.isascii()
        assert header.isprintable()
        assert re.fullmatch(r"(attachment|inline); filename=\"[^\"\\]*\"(; filename\*=UTF-8''[^\s\";']*)?", header)
        if not header.endswith('"'):
            assert name_in(header) == name


async def test_a_download_carries_its_name_in_every_script_and_as_it_is(ada: FileClient) -> None:
    for name in NAMES:
        file = (await ada.upload(b"x", path=f"folder/{name}")).json()
        for disposition in ("attachment", "inline"):
            header = (await ada.download(file["id"], disposition=disposition)).headers["content-disposition"]
            assert header.startswith(f"{disposition}; filename=")
            assert name_in(header) == file["filename"]


async def test_what_is_not_safe_is_saved_even_if_it_is_to_be_shown(ada: FileClient) -> None:
    kept: set[str] = set()
    for declared in UNSAFE:
        file = (await ada.upload(b"x", f"{len(kept)}.bin", declared)).json()
        if file["content_type"] == declared:  # and not something else by its bytes
            answer = await ada.download(file["id"], disposition="inline")
            assert answer.headers["content-disposition"] == f'attachment; filename="{len(kept)}.bin"'
            assert answer.headers["x-content-type-options"] == "nosniff"
            kept.add(declared)
    assert kept >= {"text/html; charset=utf-8", "image/svg+xml", "video/x+xml", "text/javascript", "message/rfc822"}


async def test_a_page_or_drawing_is_saved_whatever_it_says_it_is(ada: FileClient) -> None:
    for content in (b"<html><script>alert(1)</script>", b"<svg onload=alert(1)>", b"<?xml version='1.0'?><svg >"):
        for declared in ("text/plain", "image/png", "application/pdf", "audio/mpeg"):
            file = (await ada.upload(content, "a", declared)).json()
            answer = await ada.download(file["id"], disposition="inline")
            assert answer.headers["content-disposition"] == 'attachment; filename="a"'


async def test_what_is_shown_is_shown_in_a_sandbox(ada: FileClient) -> None:
    kinds = [(PNG, "image/png"), (PDF, "application/pdf"), (b"words", "text/plain"), (b"\xff\xfb\x90", "audio/mpeg")]
    for content, kind in kinds:
        file = (await ada.upload(content, "a", kind)).json()
        assert file["content_type"] == kind
        saved = await ada.download(file["id"])
        assert saved.headers["content-disposition"] == 'attachment; filename="a"'
        for header in ("", "bytes=0-1", "bytes=0-0,2-2"):
            shown = await ada.download(file["id"], headers={"Range": header}, disposition="inline")
            assert shown.headers["content-disposition"] == 'inline; filename="a"'
            policy = shown.headers["content-security-policy"].split("; ")
            assert policy[:2] == ["sandbox", "default-src 'none'"]
            assert not any("script" in directive or "allow-" in directive for directive in policy)
            assert shown.headers["x-content-type-options"] == "nosniff"
            assert shown.headers["cross-origin-resource-policy"] == "same-origin"


async def test_no_charset_is_made_up(ada: FileClient) -> None:
    for number, declared in enumerate(("text/plain", "text/plain; charset=iso-8859-1", "text/csv", "text/markdown")):
        file_id = (await ada.upload(b"caf\xe9", str(number), declared)).json()["id"]
        for disposition in ("attachment", "inline"):
            answer = await ada.download(file_id, disposition=disposition)
            assert answer.headers["content-type"] == declared


async def test_a_new_name_comes_even_if_the_bytes_are_known(ada: FileClient) -> None:
    file_id = (await ada.upload(b"x", "old.txt")).json()["id"]
    etag = (await ada.download(file_id)).headers["etag"]
    await ada.patch(f"/files/{file_id}", filename="new.txt")
    answer = await ada.download(file_id, headers={"If-None-Match": etag})
    assert (answer.status_code, answer.headers["content-disposition"]) == (304, 'attachment; filename="new.txt"')

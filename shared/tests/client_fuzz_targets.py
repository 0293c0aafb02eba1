"""The client library's readers: what servers answer, and what is found in its own files."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import gettempdir

import httpx2
from fuzzing import Target, damaged, header, like, run, text
from hypothesis import strategies as st
from rotating_tokens import access_token_of

from strongroom.client import Refused, UnexpectedAnswer, place_below
from strongroom.client.event_stream import blocks
from strongroom.client.refusals import refusal
from strongroom.client.token_store import FileTokenStore, KeptTokens
from strongroom.client.tus import address_in

FOLDER = Path(gettempdir()) / "nowhere"
PROBLEM = {"type": "urn:problem-type:strongroom:quota-exceeded", "title": "No room", "status": 507, "left": 1}


def _refused(sent: tuple[int, dict[str, str], bytes]) -> None:
    status, headers, body = sent
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    error = refusal(httpx2.Response(status, headers=encoded), body)
    assert isinstance(error, Refused)
    assert str(error).isprintable()


async def _events(chunks: list[bytes]) -> None:
    async def sent() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    async for block in blocks(sent()):
        assert block.id == "" or block.id.isdecimal()


def _placed(name: str) -> None:
    assert place_below(FOLDER, name).is_relative_to(FOLDER)


def _kept(content: bytes) -> None:
    path = FOLDER.with_name("strongroom-fuzzed-tokens")
    path.write_bytes(content)
    FileTokenStore(path).load()
    path.unlink()


def _of_account(access_token: str) -> None:
    now = datetime.now(UTC)
    tokens = KeptTokens(access_token=access_token, issued_at=now, expires_at=now)
    assert tokens.account is None or isinstance(tokens.account, str)


def _located(location: str) -> None:
    found = address_in(location)
    assert found is None or (found.startswith("/files/uploads/") and found.count("/") == 3)


TARGETS = [
    Target(
        "refusal",
        _refused,
        st.tuples(
            st.integers(400, 599),
            st.fixed_dictionaries({"retry-after": header("7", "Wed, 21 Oct 2026 07:28:00 GMT")}),
            like(PROBLEM).map(lambda one: json.dumps(one).encode()) | damaged(json.dumps(PROBLEM).encode()),
        ),
    ),
    Target(
        "event stream",
        lambda chunks: run(_events(chunks)),
        st.lists(damaged(b"id: 7\nevent: file.created\ndata: {}\n\n", b"\r\n\r\n", b": \xff\n"), max_size=4),
        (UnexpectedAnswer,),
    ),
    Target("name of a file", _placed, text("reports/q3.pdf", "../x", "C:\\x", "/etc"), (ValueError,)),
    Target("kept tokens", _kept, damaged(b'{"access_token": "a", "issued_at": "2026-11-30T06:40:01Z"}')),
    Target("account of tokens", _of_account, text(access_token_of("ada"), "..", "a.bm8=.c")),
    Target(
        "location of an upload", _located, header("/files/uploads/01a20f6c-fcf2-75cb-bb0c-64e83538e9e7", "http://x")
    ),
]

"""The listener that the browser comes back to: only with the right state, only once, and it gives nothing away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import httpx2
import pytest

from strongroom.cli.loopback import Listener


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    async with Listener("right").listening() as listening:
        yield listening


async def asked(listener: Listener, query: str, method: str = "GET") -> httpx2.Response:
    async with httpx2.AsyncClient(trust_env=False) as http:
        return await http.request(method, listener.redirect_uri + query)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?code=c",
        "?code=c&state=wrong",
        "?code=c&state=right&state=wrong",
        "?state=right",
        "/more?code=c&state=right",
        "?error=access_denied&state=wrong",
        "?" + "&".join(f"a{number}=1" for number in range(50)),
    ],
)
async def test_whatever_else_asks_is_told_nothing_and_changes_nothing(listener: Listener, query: str) -> None:
    answer = await asked(listener, query)
    assert answer.status_code == 404
    assert "right" not in answer.text
    assert not listener.answer.done()
    assert (await asked(listener, "?code=c&state=right")).status_code == 200
    assert listener.answer.result() == {"code": "c", "state": "right"}


async def test_another_method_is_not_an_answer(listener: Listener) -> None:
    assert (await asked(listener, "?code=c&state=right", "POST")).status_code == 404
    assert not listener.answer.done()


async def test_the_first_answer_counts(listener: Listener) -> None:
    await asked(listener, "?code=first&state=right")
    await asked(listener, "?code=second&state=right")
    assert listener.answer.result()["code"] == "first"


async def test_the_page_runs_nothing_and_repeats_nothing(listener: Listener) -> None:
    answer = await asked(listener, "?error=%3Cscript%3E&error_description=%3Cb%3E&state=right")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "Not signed in" in answer.text
    assert "<b>" not in answer.text
    assert "script" not in answer.text


@pytest.mark.parametrize("sent", [b"", b"\x16\x03\x01\x00", b"x" * 100_000, b"GET\r\n\r\n", b"GET  \r\n\r\n"])
async def test_noise_on_the_port_does_not_end_it(listener: Listener, sent: bytes) -> None:
    host, port = listener.redirect_uri.split("/")[2].split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(sent)
    writer.write_eof()
    with suppress(ConnectionError):  # it may hang up first
        await reader.read()
    writer.close()
    assert (await asked(listener, "?code=c&state=right")).status_code == 200


async def test_it_listens_on_loopback_alone_and_ends(listener: Listener) -> None:
    assert listener.redirect_uri.startswith("http://127.0.0.1:")
    async with Listener("other").listening() as other:
        where = other.redirect_uri
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(where, trust_env=False)


async def test_a_connection_that_is_never_used_is_not_waited_for() -> None:
    async with Listener("right").listening() as listening:
        host, port = listening.redirect_uri.split("/")[2].split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        assert (await asked(listening, "?code=c&state=right")).status_code == 200
    async with asyncio.timeout(5):  # half of what a browser that is slow to ask is given
        assert await reader.read() == b""
    writer.close()


async def test_an_address_that_is_pasted_counts_as_the_browser(listener: Listener) -> None:
    assert not listener.take("http://127.0.0.1:1/callback?code=c&state=wrong\n")
    assert listener.take("http://127.0.0.1:1/callback?code=c&state=right\n")
    assert listener.answer.result()["code"] == "c"

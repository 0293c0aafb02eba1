"""A person's tokens: renewed once for however many calls, and never lost, shown, or used twice."""

import asyncio
import logging
import stat
import subprocess
import sys
import traceback
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from rotating_tokens import RotatingTokens, access_token_of, kept
from scripted_server import ScriptedServer, document
from starlette.responses import Response
from starlette.types import ASGIApp

from strongroom.client import (
    AsyncStrongroom,
    FileTokenStore,
    MemoryTokenStore,
    PersonTokens,
    SecondFactorNeeded,
    SignedOut,
    SignInRefused,
    Unreachable,
)

Serve = Callable[[ASGIApp], Awaitable[str]]
PASSWORD = "tide-lantern-42-orchard"


@pytest.fixture
def issuer() -> RotatingTokens:
    return RotatingTokens()


@pytest.fixture
async def url(serve: Serve, issuer: RotatingTokens) -> str:
    return await serve(ScriptedServer(issuer))


async def test_fifty_calls_at_once_renew_once(url: str, issuer: RotatingTokens) -> None:
    async with AsyncStrongroom(url, PersonTokens(url, MemoryTokenStore(kept()))) as strongroom:
        await asyncio.gather(*(strongroom.files.usage() for _ in range(50)))
    assert issuer.refreshes == 1


async def test_fifty_calls_whose_token_is_refused_renew_once(url: str, issuer: RotatingTokens) -> None:
    issuer.current = 2
    store = MemoryTokenStore(kept(2, expires_in=900).model_copy(update={"access_token": "access-1"}))
    async with AsyncStrongroom(url, PersonTokens(url, store)) as strongroom:
        await asyncio.gather(*(strongroom.files.usage() for _ in range(50)))
    assert issuer.refreshes == 1


async def test_a_token_about_to_expire_is_renewed_while_it_still_serves(url: str, issuer: RotatingTokens) -> None:
    issuer.open.clear()
    async with PersonTokens(url, MemoryTokenStore(kept(expires_in=30))) as tokens:
        assert await tokens.token() == "access-1"
        await issuer.asked.wait()
        assert await tokens.token() == "access-1"
        issuer.open.set()
    assert issuer.refreshes == 1


async def test_a_successor_is_written_down_although_who_asked_was_cancelled(url: str, issuer: RotatingTokens) -> None:
    store = MemoryTokenStore(kept())
    issuer.open.clear()
    async with PersonTokens(url, store) as tokens:
        asking = asyncio.create_task(tokens.token())
        await issuer.asked.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        issuer.open.set()
    found = store.load()
    assert found is not None
    assert found.refresh_token == "refresh-2"
    assert not issuer.ended


async def test_who_is_cancelled_takes_the_token_from_nobody(url: str, issuer: RotatingTokens) -> None:
    issuer.open.clear()
    async with PersonTokens(url, MemoryTokenStore(kept())) as tokens:
        first, second = asyncio.create_task(tokens.token()), asyncio.create_task(tokens.token())
        await issuer.asked.wait()
        first.cancel()
        issuer.open.set()
        assert await second == "access-2"


async def test_a_renewal_that_is_refused_is_signed_out_and_forgotten(url: str, issuer: RotatingTokens) -> None:
    issuer.ended = True
    store = MemoryTokenStore(kept())
    async with AsyncStrongroom(url, PersonTokens(url, store)) as strongroom:
        with pytest.raises(SignedOut):
            await strongroom.files.usage()
        with pytest.raises(SignedOut):
            await strongroom.files.usage()
    assert store.load() is None
    assert issuer.refreshes == 1


async def test_a_renewal_that_nobody_answers_is_asked_for_again_with_the_same_token(
    url: str, issuer: RotatingTokens
) -> None:
    issuer.failures = [Response("<h1>", 502), Response("", 503)]
    store = MemoryTokenStore(kept())
    async with PersonTokens(url, store) as tokens:
        assert await tokens.token() == "access-2"
    assert issuer.refreshes == 3


async def test_where_nobody_is_the_session_is_kept() -> None:
    store = MemoryTokenStore(kept())
    nobody = "http://127.0.0.1:1"
    async with AsyncStrongroom(nobody, PersonTokens(nobody, store), deadline=0.5) as strongroom:
        with pytest.raises(Unreachable):
            await strongroom.files.usage()
    assert store.load() is not None


async def test_a_token_that_another_process_renewed_is_used(url: str, issuer: RotatingTokens) -> None:
    store = MemoryTokenStore(kept())
    async with PersonTokens(url, store) as tokens, PersonTokens(url, store) as others:
        await others.token()
        assert await tokens.token() == "access-2"
    assert issuer.refreshes == 1


async def test_whoever_waits_for_another_does_not_keep_it_from_going_on(url: str) -> None:
    loop, waits = asyncio.get_running_loop(), asyncio.Event()

    class Store(MemoryTokenStore):
        @contextmanager
        def exclusive(self) -> Iterator[None]:
            loop.call_soon_threadsafe(waits.set)
            with MemoryTokenStore.exclusive(self):
                yield

    store = Store(kept())
    loop.set_default_executor(ThreadPoolExecutor(1))
    async with PersonTokens(url, store) as tokens:
        with MemoryTokenStore.exclusive(store):
            waiting = asyncio.create_task(tokens.token())
            await waits.wait()
            async with asyncio.timeout(20):
                await asyncio.to_thread(store.load)
        assert await waiting == "access-2"


@pytest.mark.parametrize("expires_in", [-1, 900], ids=["expired", "good"])
@pytest.mark.parametrize("others", [{"origin": "https://other.test"}, {"access_token": access_token_of("bob")}])
async def test_what_somebody_else_put_into_the_store_is_neither_sent_nor_removed(
    url: str, issuer: RotatingTokens, others: dict[str, str], expires_in: float
) -> None:
    store = MemoryTokenStore(kept(expires_in=900).model_copy(update={"access_token": access_token_of("ada")}))
    async with PersonTokens(url, store) as tokens:
        held = await tokens.token()
        put = kept(2, expires_in=expires_in).model_copy(update={"access_token": access_token_of("ada"), **others})
        store.save(put)
        tokens.discard(held)
        for _ in range(2):
            with pytest.raises(SignedOut):
                await tokens.token()
        await tokens.sign_out()  # which this issuer would refuse
    assert store.load() == put
    assert issuer.refreshes == 0


async def test_tokens_without_an_origin_are_ones_own_and_their_successors_have_it(url: str) -> None:
    store = MemoryTokenStore(kept())
    async with PersonTokens(f"{url}/", store) as tokens:
        assert await tokens.token() == "access-2"
    found = store.load()
    assert found is not None
    assert found.origin == url


async def test_tokens_of_another_server_are_not_adopted(url: str) -> None:
    store = MemoryTokenStore()
    async with PersonTokens(url, store) as tokens:
        with pytest.raises(ValueError, match=r"other\.test"):
            await tokens.adopt(kept().model_copy(update={"origin": "https://other.test"}))
    assert store.load() is None


PROGRAM = """
import asyncio, sys
from pathlib import Path
from strongroom.client import AsyncStrongroom, FileTokenStore, PersonTokens

async def main():
    url, path = sys.argv[1:]
    async with AsyncStrongroom(url, PersonTokens(url, FileTokenStore(Path(path)))) as strongroom:
        print("ready", flush=True)
        sys.stdin.readline()
        await strongroom.files.usage()
        print("done", flush=True)

asyncio.run(main())
"""


async def test_processes_that_share_a_store_spend_no_refresh_token_twice(
    url: str, issuer: RotatingTokens, tmp_path: Path
) -> None:
    path = tmp_path / "tokens.json"
    FileTokenStore(path).save(kept())
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", PROGRAM, url, str(path)), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(3)
    ]
    for one in processes:
        assert one.stdout is not None
        assert await one.stdout.readline() == b"ready\n"
    answers = await asyncio.gather(*(one.communicate(b"\n") for one in processes))
    assert [out for out, _ in answers] == [b"done\n"] * 3
    assert issuer.refreshes == 1


def test_a_file_of_tokens_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "below" / "tokens.json"
    store = FileTokenStore(path)
    tokens = kept()
    store.save(tokens)
    assert store.load() == tokens
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    store.clear()
    store.clear()
    assert store.load() is None


def test_a_file_that_is_not_understood_is_nobody_signed_in(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    path.write_text("{")
    assert FileTokenStore(path).load() is None


async def test_signing_in_keeps_the_tokens_and_signing_out_forgets_them(url: str) -> None:
    store = MemoryTokenStore()
    async with AsyncStrongroom(url, PersonTokens(url, store)) as strongroom:
        await strongroom.account.sign_in("ada@example.com", PASSWORD)
        assert store.load() is not None
        with pytest.raises(Exception, match="401"):  # this issuer has no way to revoke
            await strongroom.account.sign_out()
        assert store.load() is None
        with pytest.raises(SignedOut):
            await strongroom.files.usage()


async def test_a_second_factor_is_asked_for_with_what_it_takes(serve: Serve) -> None:
    needed = {"error": "mfa_required", "mfa_token": "the-secret", "mfa_methods": ["totp", "passkey"]}
    url = await serve(ScriptedServer(lambda _: document(needed, 403)))
    async with AsyncStrongroom(url) as strongroom:
        with pytest.raises(SecondFactorNeeded) as raised:
            await strongroom.account.sign_in("ada@example.com", "right")
    assert (raised.value.methods, raised.value.mfa_token) == (["totp", "passkey"], "the-secret")
    assert "the-secret" not in repr(raised.value) + str(raised.value)


async def test_a_sign_in_that_is_refused_says_no_password(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    url = await serve(ScriptedServer(lambda _: document({"error": "invalid_grant"}, 400)))
    async with AsyncStrongroom(url) as strongroom:
        with pytest.raises(SignInRefused) as raised:
            await strongroom.account.sign_in("ada@example.com", PASSWORD)
    assert PASSWORD not in "".join(traceback.format_exception(raised.value)) + caplog.text


@pytest.mark.parametrize(
    "answer",
    [
        {"access_token": "line\r\nbreak", "token_type": "bearer", "expires_in": 900},
        {"access_token": "the-secret", "token_type": "mac", "expires_in": 900},
        {"access_token": "the-secret", "token_type": "bearer", "expires_in": -1},
        {"access_token": ["the-secret"], "token_type": "bearer"},
        "the-secret",
    ],
)
async def test_what_is_no_token_is_neither_kept_nor_quoted(serve: Serve, answer: object) -> None:
    store = MemoryTokenStore()
    url = await serve(ScriptedServer(lambda _: document(answer)))
    async with AsyncStrongroom(url, PersonTokens(url, store)) as strongroom:
        with pytest.raises(Exception, match="not understood") as raised:
            await strongroom.account.sign_in("ada@example.com", "right")
    assert store.load() is None
    assert "the-secret" not in "".join(traceback.format_exception(raised.value))


def test_no_token_is_in_what_is_printed() -> None:
    tokens = PersonTokens("http://127.0.0.1:1", MemoryTokenStore(kept()))
    assert "refresh-1" not in repr(kept()) + str(kept()) + repr(tokens) + repr(vars(tokens))
    assert "access-1" not in repr(kept()) + str(kept()) + repr(tokens) + repr(vars(tokens))

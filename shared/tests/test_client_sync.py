"""The face that blocks: the same methods, from any thread, interrupted and closed without a trace."""

import asyncio
import inspect
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from scripted_server import OneToken, ScriptedServer, a_file, document
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from strongroom.client import AsyncStrongroom, Strongroom
from strongroom.client.blocking import iterated
from strongroom.client.event_loop import EventLoop

Serve = Callable[[ASGIApp], Awaitable[str]]
USAGE = {"bytes": 1, "count": 2, "quota": 3}


@contextmanager
def silent_server() -> Iterator[tuple[str, threading.Event, threading.Event]]:
    """Takes one request and never answers it; tells when it has come, and when its client has left."""
    asked, left = threading.Event(), threading.Event()

    def serve() -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(65_536)
            asked.set()
            while connection.recv(65_536):
                pass
            left.set()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", asked, left
        thread.join()


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """As at a terminal, also where whoever began the tests ignores it, as shells do in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_cancels_the_call_and_nothing_of_it_goes_on() -> None:
    main = threading.main_thread().ident
    assert main is not None

    def interrupt(asked: threading.Event) -> None:
        asked.wait()
        signal.pthread_kill(main, signal.SIGINT)

    with silent_server() as (url, asked, left), Strongroom(url, OneToken()) as strongroom:
        thread = threading.Thread(target=interrupt, args=(asked,))
        thread.start()
        with pytest.raises(KeyboardInterrupt):
            strongroom.files.usage()
        assert left.wait(10)
        thread.join()


def test_closing_ends_what_other_threads_wait_for() -> None:
    with silent_server() as (url, asked, left), ThreadPoolExecutor(1) as pool:
        strongroom = Strongroom(url, OneToken())
        waiting = pool.submit(strongroom.files.usage)
        asked.wait()
        strongroom.close()
        with pytest.raises(RuntimeError, match="closed"):
            waiting.result()
        assert left.wait(10)


async def test_many_threads_share_one(serve: Serve) -> None:
    url = await serve(ScriptedServer(lambda _: document(USAGE)))

    def work() -> set[int]:
        with Strongroom(url, OneToken()) as strongroom, ThreadPoolExecutor(8) as pool:
            return {one.quota for one in pool.map(lambda _: strongroom.files.usage(), range(100))}

    assert await asyncio.to_thread(work) == {3}


async def test_a_list_is_a_plain_iterator_over_its_pages(serve: Serve) -> None:
    def answer(request: Request) -> Response:
        page = int(request.query_params.get("cursor", "0"))
        folders = [{"path": f"{page}/{n}", "name": str(n)} for n in range(2)]
        return document({"items": folders, "next_cursor": str(page + 1) if page < 2 else None})

    server = ScriptedServer(answer)
    url = await serve(server)

    def work() -> tuple[list[str], int]:
        with Strongroom(url, OneToken()) as strongroom:
            first = next(iter(strongroom.folders.list()))
            assert first.path == "0/0"
            asked = len(server.requests)
            return [one.path for one in strongroom.folders.list()], asked

    found, asked = await asyncio.to_thread(work)
    assert found == ["0/0", "0/1", "1/0", "1/1", "2/0", "2/1"]
    assert asked == 1  # who wants one item does not fetch all pages


def test_what_is_left_early_is_let_go_of() -> None:
    closed = threading.Event()

    async def numbers() -> AsyncIterator[int]:
        try:
            for number in range(10):
                yield number
        finally:
            closed.set()

    loop = EventLoop()
    items = iterated(numbers(), loop)
    assert next(items) == 0
    items.close()  # type: ignore[attr-defined]
    assert closed.is_set()
    loop.close()


def test_a_closed_one_says_so() -> None:
    strongroom = Strongroom("http://127.0.0.1:1", OneToken())
    strongroom.close()
    strongroom.close()
    with pytest.raises(RuntimeError, match="closed"):
        strongroom.files.usage()


@pytest.mark.parametrize(
    "call", [lambda client: client.account.end_sessions(), Strongroom.close], ids=["call", "close"]
)
async def test_a_call_from_within_a_call_is_told_rather_than_waiting_for_itself(
    serve: Serve, call: Callable[[Strongroom], None]
) -> None:
    url = await serve(ScriptedServer(lambda _: document(a_file())))

    def work() -> None:
        with Strongroom(url, OneToken()) as strongroom:
            with pytest.raises(RuntimeError, match="itself"):
                strongroom.files.put(b"hello", "a", progress=lambda *_: call(strongroom))
            assert strongroom.files.get("01a20f6c-fcf2-75cb-bb0c-64e83538e9e7").version == 1

    await asyncio.to_thread(work)


IN_A_CHILD = """
import os
from strongroom.client.blocking import iterated
from strongroom.client.event_loop import EventLoop

async def numbers():
    yield 1
    yield 2

loop = EventLoop()
items = iterated(numbers(), loop)
next(items)
child = os.fork()
if child == 0:
    try:
        next(items)
    except RuntimeError as error:
        items.close()
        loop.close()
        os._exit(0 if "fork" in str(error) else 1)
    os._exit(1)
assert os.waitpid(child, 0)[1] == 0
assert next(items) == 2
loop.close()
"""
LEFT_OPEN = """
from strongroom.client.blocking import iterated
from strongroom.client.event_loop import EventLoop

async def numbers():
    yield 1
    yield 2

items = iterated(numbers(), EventLoop())
next(items)
"""


@pytest.mark.parametrize("script", [IN_A_CHILD, LEFT_OPEN], ids=["forked", "left open at the end"])
def test_where_its_thread_is_not_nobody_waits_for_it(script: str) -> None:
    ended = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_no_thread_is_left_behind() -> None:
    before = threading.active_count()
    with Strongroom("http://127.0.0.1:1", OneToken(), deadline=0.1) as strongroom, pytest.raises(Exception, match="No"):
        strongroom.files.usage()
    assert threading.active_count() == before


@pytest.mark.parametrize("part", ["account", "files", "folders", "links", "admin"])
def test_it_has_every_method_with_the_same_parameters(part: str) -> None:
    with Strongroom("http://127.0.0.1:1", OneToken()) as strongroom:
        face = getattr(strongroom, part)
        for name, method in public(getattr(AsyncStrongroom("http://127.0.0.1:1", OneToken()), part)):
            assert inspect.signature(getattr(face, name)).parameters == inspect.signature(method).parameters, name


def test_it_has_what_is_not_in_a_part_too() -> None:
    names = {name for name, _ in public(AsyncStrongroom("http://127.0.0.1:1", OneToken()))} - {"aclose"}
    assert names <= set(dir(Strongroom))


def public(one: object) -> list[tuple[str, Callable[..., object]]]:
    return [(name, method) for name, method in inspect.getmembers(one, callable) if not name.startswith("_")]

"""Two hundred clients that move 1 KiB a second: the others keep their speed, and the services their memory."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from statistics import median
from uuid import uuid4

import pytest
from app_client import App
from bench.memory import Watch
from slow_clients import PACE, Slow, slow_clients
from stack import Stack

pytestmark = pytest.mark.heavy

MIB = 1024 * 1024
SLOW = 200
ACCOUNTS = 4  # one may send a hundred files at once
ROUNDS = 3
SIZE = 64 * MIB
CONTENT = os.urandom(SIZE)
DIGEST = sha256(CONTENT).hexdigest()
LEAST_OF_THE_SPEED = 0.3  # of a noisy machine; without the bounds on what sockets hold it was 0.1
# What a client that stalls may hold, in MiB: at the gateway next to nothing, at the file service what was read for it.
MOST_EACH = {"gateway": 0.125, "file_service": 1.25}


class Fast:
    """Somebody who sends and fetches 64 MiB; `up` and `down` are seconds."""

    def __init__(self, app: App) -> None:
        self.up: list[float] = []
        self.down: list[float] = []
        self._app = app

    def go(self) -> None:
        started = time.perf_counter()
        sent = self._app.http.put(f"/files/raw/{uuid4()}", content=CONTENT)
        self.up.append(time.perf_counter() - started)
        assert sent.status_code == 201, sent.text
        assert sent.json()["sha256"] == DIGEST
        started = time.perf_counter()
        back = self._app.http.get(f"/files/{sent.json()['id']}/download")
        self.down.append(time.perf_counter() - started)
        assert back.content == CONTENT


@pytest.fixture
def stack(own_stack: Callable[..., Stack]) -> Stack:
    """Whose memory nobody else has had a hand in."""
    return own_stack().wait_until_ready()


@contextmanager
def several(url: str) -> Iterator[list[App]]:
    apps = [App(url) for _ in range(ACCOUNTS)]
    for app in apps:
        app.sign_up()
    try:
        yield apps
    finally:
        for app in apps:
            app.close()


def head(app: App, line: str, *more: str) -> str:
    return "\r\n".join(
        [f"{line} HTTP/1.1", "Host: x", f"Authorization: {app.http.headers['Authorization']}", *more, "", ""]
    )


def compare(stack: Stack, fast: App, requests: Sequence[str]) -> list[Slow]:
    """Rounds without and with the slow ones, in turn. Answers what became of those."""
    processes = {name: stack.service(name) for name in MOST_EACH}
    alone, beside, gone = Fast(fast), Fast(fast), []
    with Watch(processes) as one:
        Fast(fast).go()  # also the one that warms up
    with Watch(processes) as all_of_them:
        for _ in range(ROUNDS):
            alone.go()
            with slow_clients(stack.url, requests) as slow:
                beside.go()
            gone.append(slow)
    speeds = {"up": median(alone.up) / median(beside.up), "down": median(alone.down) / median(beside.down)}
    print(f"\nof its speed beside {SLOW} slow ones, a fast one has {_rounded(speeds)}")
    each = {name: (peak - one.peaks[name]) / SLOW for name, peak in all_of_them.peaks.items()}
    for name, peak in all_of_them.peaks.items():
        before = one.peaks[name]
        print(f"{name}: {before:.0f} MiB with a fast one, {peak:.0f} MiB with the slow ones too: {each[name]:.3f} each")
    assert min(speeds.values()) >= LEAST_OF_THE_SPEED
    assert {name: share for name, share in each.items() if share > MOST_EACH[name]} == {}
    return gone


def _rounded(speeds: dict[str, float]) -> dict[str, float]:
    return {name: round(speed, 2) for name, speed in speeds.items()}


def they_were_slow_and_never_done(gone: Sequence[Slow]) -> None:
    for slow in gone:
        assert slow.still_at_it == SLOW
        assert min(slow.moved) >= 3 * PACE
        assert max(slow.moved) <= 60 * PACE


def test_slow_downloads_take_nothing_from_fast_clients(stack: Stack) -> None:
    with App(stack.url) as fast, several(stack.url) as others:
        fast.sign_up()
        files = [(app, app.upload(CONTENT, "large")["id"]) for app in others]
        requests = [head(app, f"GET /files/{file}/download") for app, file in files * (SLOW // ACCOUNTS)]
        they_were_slow_and_never_done(compare(stack, fast, requests))


def test_slow_uploads_take_nothing_from_fast_clients(stack: Stack) -> None:
    with App(stack.url) as fast, several(stack.url) as others:
        fast.sign_up()
        requests = [
            head(others[number % ACCOUNTS], f"PUT /files/raw/slow-{number}", f"Content-Length: {SIZE}")
            for number in range(SLOW)
        ]
        they_were_slow_and_never_done(compare(stack, fast, requests))
        assert [app.listing() for app in others] == [[]] * ACCOUNTS

"""What is inside files, at full size: twenty million rows, five hundred files and two kills, and nobody waits."""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from app_client import App
from bench.memory import Watch
from busy_worker import beside_worker, seconds, worker
from large_csv import ROWS, write_large_csv
from stack import Stack

pytestmark = pytest.mark.heavy

MIB = 1024**2
FILES = 500
ROUNDS, REQUESTS = 7, 500


@pytest.fixture
def stack(own_stack: Callable[..., Stack]) -> Stack:
    return own_stack().wait_until_ready()


@pytest.fixture
def ada(stack: Stack) -> Iterator[App]:
    with App(stack.url) as app:
        app.sign_up()
        yield app


def derived(app: App, file: str) -> dict[str, Any]:
    return {one["name"]: one for one in app.http.get(f"/files/{file}").json()["derived"]}


def wait_for(app: App, file: str, name: str, *, seconds: float) -> dict[str, Any]:
    deadline = time.monotonic() + seconds
    while (found := derived(app, file)[name])["state"] == "waiting":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return dict(found)


def test_twenty_million_rows_are_paged_like_a_hundred(stack: Stack, ada: App, tmp_path: Path) -> None:
    large = tmp_path / "large.csv"
    write_large_csv(large)
    with large.open("rb") as source:
        answer = ada.http.post("/files/upload/csv", files={"file": ("large.csv", source, "text/csv")})
    assert answer.status_code == 201, answer.text
    assert [row[0] for row in answer.json()["rows"]] == list(range(1, 101))
    file = answer.json()["file"]["id"]

    begun = time.monotonic()
    with Watch({"worker": worker(stack)}, newcomers=True) as watch:
        table = wait_for(ada, file, "csv", seconds=1500)
    took = time.monotonic() - begun
    assert (table["state"], table["facts"]["row_count"]) == ("done", ROWS)
    assert watch.peaks["worker"] < 600

    def page(offset: int) -> list[int]:
        found = ada.http.get(f"/files/{file}/rows", params={"offset": offset, "limit": 100})
        assert found.status_code == 200, found.text
        return [row[0] for row in found.json()["rows"]]

    assert page(0) == list(range(1, 101))
    assert page(ROWS - 100) == list(range(ROWS - 99, ROWS + 1))
    first, last = (median(seconds(lambda: page(offset)) for _ in range(9)) for offset in (0, ROWS - 100))  # noqa: B023
    print(
        f"\n{large.stat().st_size / MIB:.0f} MiB copied in {took:.0f} s, worker up to {watch.peaks['worker']:.0f} MiB;"
        f" the first hundred rows in {1000 * first:.0f} ms, the last in {1000 * last:.0f} ms"
    )
    assert last < 5 * first


def test_no_job_is_lost_and_none_done_twice_when_the_worker_is_killed(stack: Stack, ada: App) -> None:
    def upload(number: int) -> str:
        name, content = [
            (f"{number}.txt", f"This is the text with the number {number}."),
            (f"{number}.csv", f"number,word\n{number},n{number}\n"),
        ][number % 2]
        return str(ada.http.put(f"/files/raw/{name}", content=content.encode()).json()["id"])

    def kill_worker() -> None:
        victim = worker(stack)
        victim.kill()

    with ThreadPoolExecutor(8) as threads:
        uploading = [threads.submit(upload, number) for number in range(FILES)]
        uploading[FILES // 2].result()
        kill_worker()
        files = [one.result() for one in uploading]
    wait_for(ada, files[FILES // 2], "document", seconds=300)
    kill_worker()
    for number, file in enumerate(files):
        assert wait_for(ada, file, "document", seconds=600)["state"] == "done"
        text = ada.http.get(f"/files/{file}/text").json()["text"]
        assert text.count(f"number {number}." if number % 2 == 0 else f"n{number}") == 1
        if number % 2:
            assert wait_for(ada, file, "csv", seconds=600)["state"] == "done"
            table = ada.http.get(f"/files/{file}/rows").json()
            assert table["rows"] == [[number, f"n{number}"]]
    with App(stack.url) as admin:
        admin.sign_in("admin@example.com", "quarry-violin-77-harbour")
        deadline = time.monotonic() + 60  # what had been done when its worker died is looked at once more
        while admin.http.get("/files/jobs").json()["items"]:
            assert time.monotonic() < deadline
            time.sleep(0.2)


def test_small_requests_do_not_feel_a_busy_worker(stack: Stack, ada: App, tmp_path: Path) -> None:
    large = tmp_path / "large.csv"
    write_large_csv(large, 10_000_000)
    with large.open("rb") as source:
        file = ada.http.put("/files/raw/large.csv", content=source).json()["id"]
    content = os.urandom(1000)
    ask = {
        "uploads": lambda: ada.http.put("/files/raw/small.bin", content=content),
        "looks": lambda: ada.http.get(f"/files/{file}"),
    }

    found = beside_worker(stack, ask, rounds=ROUNDS, count=REQUESTS)
    assert derived(ada, file)["csv"]["state"] == "waiting", "it was not busy any more"
    for name, one in found.slowest.items():
        print(f"\np99 of small {name}: {1000 * median(one.alone):.1f} ms, {one.ratio:.2f} of that beside a busy worker")
        assert one.ratio < 2.5  # wanted is 1.2; what else the machine does is in this too, so `make bench` says more
    assert found.share < 0.5  # which it has all of while nobody else wants it; without its rests this was 0.85

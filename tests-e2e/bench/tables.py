"""A large CSV file: what its copy costs, how its pages are read, and who waits meanwhile."""

import os
import tempfile
import time
from pathlib import Path

from app_client import App
from bench.content import MIB
from bench.memory import Watch
from bench.report import Figure, median, number
from busy_worker import beside_worker, seconds, worker
from large_csv import write_large_csv
from stack import Stack

_ROWS = 5_000_000
_ROUNDS, _REQUESTS = 4, 300
_PAGES = 21


def tables(stack: Stack) -> list[Figure]:
    with App(stack.url) as app, tempfile.TemporaryDirectory() as folder:
        app.sign_up()
        large = Path(folder) / "large.csv"
        write_large_csv(large, _ROWS)
        with large.open("rb") as source:
            file = app.http.put("/files/raw/large.csv", content=source).json()["id"]
        return [*_meanwhile(stack, app, file), *_copy(stack, app, file, large.stat().st_size), *_pages(app, file)]


def _meanwhile(stack: Stack, app: App, file: str) -> list[Figure]:
    content = os.urandom(1000)
    ask = {
        "small uploads": lambda: app.http.put("/files/raw/small.bin", content=content),
        "small GETs": lambda: app.http.get(f"/files/{file}"),
    }
    found = beside_worker(stack, ask, rounds=_ROUNDS, count=_REQUESTS).slowest
    assert _state(app, file) == "waiting", "the worker was not busy any more"
    return [
        Figure(
            f"{name} beside a busy worker, p99 to that without",
            one.ratio,
            "x",
            1.2,
            floor=False,
            behind=f"{number(1000 * median(one.beside))} against {number(1000 * median(one.alone))} ms",
        )
        for name, one in found.items()
    ]


def _copy(stack: Stack, app: App, file: str, size: int) -> list[Figure]:
    """Only its memory: some of the copying was done by now."""
    with Watch({"worker": worker(stack)}, newcomers=True) as watch:
        while _state(app, file) == "waiting":
            time.sleep(0.2)
    work = f"memory of the worker, copying a table of {number(size / MIB)} MiB, at most"
    return [Figure(work, watch.peaks["worker"], "MiB", 600, floor=False)]


def _pages(app: App, file: str) -> list[Figure]:
    def page(offset: int) -> None:
        found = app.http.get(f"/files/{file}/rows", params={"offset": offset, "limit": 100})
        assert [row[0] for row in found.json()["rows"]] == list(range(offset + 1, offset + 101)), found.text

    first, last = ([seconds(lambda: page(offset)) for _ in range(_PAGES)] for offset in (0, _ROWS - 100))  # noqa: B023
    work = "last hundred of five million rows"
    return [
        Figure(work, 1000 * median(last), "ms", 300, floor=False),
        Figure(f"{work}, to the first hundred", median(last) / median(first), "x"),
    ]


def _state(app: App, file: str) -> str:
    derived = app.http.get(f"/files/{file}").json()["derived"]
    return next(str(one["state"]) for one in derived if one["name"] == "csv")

"""A page of fifty files out of a million, against one out of a thousand."""

import asyncio
import statistics
import time
from uuid import UUID

from app_client import App
from bench.report import Figure
from million import analyze, fill
from stack import Stack

_MILLION, _THOUSAND = 1_000_000, 1_000
_ROUNDS = 200
_SORTS = ("-created_at", "name", "-size", "updated_at", "path")


def pages(stack: Stack) -> list[Figure]:
    dsn = stack.service("file_service").environ()["STRONGROOM_DATABASE_URL"]
    with App(stack.url) as many, App(stack.url) as few:
        for app, count in ((many, _MILLION), (few, _THOUSAND)):
            account = UUID(app.sign_up()["id"])
            asyncio.run(fill(dsn, account, count))
        asyncio.run(analyze(dsn))
        first = [_ratio(many, few, sort, None) for sort in _SORTS]
        deep = [_ratio(many, few, sort, _half_way(many, sort)) for sort in ("-created_at", "name")]
    return [
        Figure("page of 50 of a million files, of one of a thousand", max(first), "x", 1.5, floor=False),
        Figure("the same page half way through the million", max(deep), "x", 1.5, floor=False),
    ]


def _ratio(many: App, few: App, sort: str, cursor: str | None) -> float:
    """Of the medians, turn about."""
    took: dict[App, list[float]] = {many: [], few: []}
    for _ in range(_ROUNDS):
        for app, times in took.items():
            began = time.perf_counter()
            _page(app, 50, sort, cursor if app is many else None)
            times.append(time.perf_counter() - began)
    return statistics.median(took[many]) / statistics.median(took[few])


def _half_way(app: App, sort: str) -> str:
    cursor = None
    for _ in range(_MILLION // 2 // 1000):
        cursor = _page(app, 1000, sort, cursor)
    assert cursor is not None
    return cursor


def _page(app: App, limit: int, sort: str, cursor: str | None) -> str:
    params: dict[str, str | int] = {"limit": limit, "sort": sort, **({"cursor": cursor} if cursor else {})}
    answer = app.http.get("/files", params=params)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["next_cursor"])

"""No list, search or count grows with the table: shown on a million files, by the plans and by the clock."""

import statistics
import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from file_client import FileClient
from million import analyze, fill, gather
from plans import explain, looked_at, planning, rows_read, statements

from file_service.files.cursors import cursor_at
from file_service.files.listing import Found
from file_service.files.repository import file_of
from strongroom.database import Database

pytestmark = pytest.mark.heavy


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with planning(database_url) as opened:
        yield opened


MILLION, THOUSAND = 1_000_000, 1_000
ROUNDS = 100
MOST_OF_A_FOLDER = 64  # of a page of 50, and one more; those of which the order is only begun come by 32
MOST_ROWS = 25_000  # that a page of 50 may look at, in all steps of its plan
REQUESTS: list[dict[str, object]] = [
    {},
    {"sort": "created_at"},
    {"sort": "name"},
    {"sort": "-name"},
    {"sort": "path"},
    {"sort": "-path"},
    {"sort": "size"},
    {"sort": "-size"},
    {"sort": "updated_at"},
    {"sort": "-updated_at"},
    {"prefix": "folder7/"},
    {"prefix": "folder7/file-1"},
    {"prefix": "folder7/", "sort": "-size"},
    {"q": "file"},
    {"q": "999999"},
    {"q": "file 999999"},
    {"q": "zebra"},
    {"q": "e-5000"},
    {"tag": "common"},
    {"tag": "rare"},
    {"tag": ["rare", "common"], "sort": "name"},
    {"tag": "none"},
    {"content_type": "image/*"},
    {"content_type": "text/plain"},
    {"content_type": "application/pdf"},
    {"trashed": True},
]


async def page(client: FileClient, **params: object) -> dict[str, Any]:
    answer = await client.get("/files", limit=50, **params)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def deep_cursor(client: FileClient, database: Database, sort: str) -> str:
    """Of a page in the middle, made the way the service makes them."""
    column = {"created_at": "id", "name": "name_key"}.get(sort.lstrip("-"), sort.lstrip("-"))
    query = f"select * from files.files where owner_id = $1 order by {column} offset {MILLION // 2} limit 1"
    async with database.reading() as connection:
        row = (await connection.exec_driver_sql(query, (UUID(client.account),))).mappings().one()
    return cursor_at(Found(file_of(row)), sort)


async def ratio(slow: Callable[[], Any], quick: Callable[[], Any]) -> float:
    """Of the medians. Turn about, since the machine is busy with other things too."""
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for ask, times in zip((slow, quick), took, strict=True):
            began = time.perf_counter()
            await ask()
            times.append(time.perf_counter() - began)
    return statistics.median(took[0]) / statistics.median(took[1])


async def test_a_page_out_of_a_million_is_as_quick_as_one_out_of_a_thousand(
    client_of: Callable[..., FileClient], database_url: str, database: Database
) -> None:
    many, few = client_of(), client_of()
    began = time.perf_counter()
    await fill(database_url, UUID(many.account), MILLION)
    await fill(database_url, UUID(few.account), THOUSAND)
    await analyze(database_url)
    print(f"filled in {time.perf_counter() - began:.0f} s")

    for params in REQUESTS:
        with statements() as seen:
            await page(many, **params)
        assert seen
        for statement in seen:
            plan = await explain(database, statement)
            assert "Seq Scan" not in {step["Node Type"] for step in plan}, (params, plan)
            worst = max(looked_at(step) for step in plan)
            print(f"{params}: {worst:.0f} rows at the most, {plan[0]['Actual Total Time']:.1f} ms")
            assert worst <= MOST_ROWS, (params, plan)

    ratios: dict[str, float] = {}
    for sort in ("-created_at", "name", "-size", "updated_at", "path"):
        cursor = await deep_cursor(many, database, sort)
        pairs = {"first": ({"sort": sort}, {"sort": sort}), "deep": ({"sort": sort, "cursor": cursor}, {"sort": sort})}
        for which, (of_many, of_few) in pairs.items():
            ratios[f"{which} {sort}"] = await ratio(partial(page, many, **of_many), partial(page, few, **of_few))
    print({name: round(measured, 2) for name, measured in ratios.items()})
    assert max(ratios.values()) < 1.5, ratios


async def test_a_folder_costs_the_same_whatever_lies_beside_and_below_it(
    client_of: Callable[..., FileClient], database_url: str, database: Database
) -> None:
    """Ten files in a tree of a million; and a hundred thousand with a million in folders of the same folder."""
    many, few = client_of(), client_of()
    owner = UUID(many.account)
    await fill(database_url, owner, MILLION, under="wide/folder")
    await gather(database_url, owner, "wide", 100_000)
    await gather(database_url, owner, "ten", 10)
    await gather(database_url, UUID(few.account), "wide", THOUSAND)
    await fill(database_url, UUID(few.account), THOUSAND, under="wide/folder")
    await analyze(database_url)

    for folder in ("wide", "ten", "wide/folder7", ""):
        for sort in ("name", "-name", "path", "-path", "size", "-size", "created_at", "-created_at", "-updated_at"):
            read = await rows_read(database, many, "/files", folder=folder, sort=sort, limit=50)
            assert read <= MOST_OF_A_FOLDER, (folder, sort, read)
        # What is looked for in a folder is found by the words or in the folder, whichever the planner takes for fewer.
        most = 100_000 if folder == "wide" else MOST_ROWS
        for params in ({"q": "999999"}, {"q": "file"}, {"tag": "rare"}, {"tag": "common"}, {"content_type": "image/*"}):
            read = await rows_read(database, many, "/files", folder=folder, limit=50, **params)
            assert read <= most, (folder, params, read)
    for prefix in ("", "wide/", "ten/", "wide/folder7/"):
        read = await rows_read(database, many, "/files/folders", prefix=prefix, limit=50)
        assert read <= MOST_OF_A_FOLDER, (prefix, read)

    ratios = {
        path: await ratio(partial(many.get, path, limit=50, **params), partial(few.get, path, limit=50, **params))
        for path, params in {"/files": {"folder": "wide"}, "/files/folders": {"prefix": "wide/"}}.items()
    }
    print({name: round(measured, 2) for name, measured in ratios.items()})
    assert max(ratios.values()) < 1.5, ratios

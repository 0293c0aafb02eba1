"""How PostgreSQL does what the service asks of it, and how many rows that takes."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from file_client import FileClient
from sqlalchemy import Engine, event

from file_service.app import PLANNING
from strongroom.database import Database


@asynccontextmanager
async def planning(database_url: str) -> AsyncIterator[Database]:
    """Plans as the service's own connections do."""
    opened = Database(database_url, parameters=PLANNING)
    try:
        yield opened
    finally:
        await opened.aclose()


Statement = tuple[str, Any]


@contextmanager
def statements() -> Iterator[list[Statement]]:
    """Every query that the service runs meanwhile."""
    seen: list[Statement] = []

    def see(_c: object, _cur: object, statement: str, parameters: Any, _ctx: object, _many: bool) -> None:
        if "files." in statement and statement.lstrip().lower().startswith(("select", "with")):
            seen.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", see)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", see)


def steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from steps(inner)


def looked_at(step: dict[str, Any]) -> float:
    return float((step["Actual Rows"] + step.get("Rows Removed by Filter", 0)) * step["Actual Loops"])


async def explain(database: Database, statement: Statement) -> list[dict[str, Any]]:
    async with database.reading() as connection:
        answer = await connection.exec_driver_sql(f"explain (analyze, format json) {statement[0]}", statement[1])
        found = answer.scalar_one()
    return list(steps((json.loads(found) if isinstance(found, str) else found)[0]["Plan"]))


async def rows_read(database: Database, client: FileClient, path: str, **params: object) -> float:
    """By the step that looks at the most of all statements that answer the request."""
    with statements() as seen:
        answer = await client.get(path, **params)
    assert answer.status_code == 200, answer.text
    assert seen
    return max([looked_at(step) for statement in seen for step in await explain(database, statement)])

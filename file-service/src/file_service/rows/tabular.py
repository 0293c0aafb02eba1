"""Finds the table in a file: its columnar copy, or the file itself while that is small and not yet copied."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from file_service.derivations.errors import NotDerivable, NotDerivedYet
from file_service.derivations.readings import Reading, Readings
from file_service.derivations.repository import Derivation
from file_service.files.repository import File
from file_service.files.version_repository import Content
from file_service.parsers.contract import Facts
from file_service.rows.columns import Column
from file_service.rows.heads import SMALL, Heads

_PARSERS = ("csv", "xlsx")


@dataclass(frozen=True, slots=True)
class Table:
    """The object that holds it, and what the parser `rows` is told of it; of a copy also what it came out of."""

    key: str
    size: int
    columns: Sequence[Column]
    told: Mapping[str, Any]
    derivation: Derivation | None


class Tables:
    def __init__(self, readings: Readings, heads: Heads) -> None:
        self._readings = readings
        self._heads = heads

    async def of(self, account: UUID, file: File, content: Content, sheet: int) -> Table:
        """`sheet` counts from 1. Raises NotDerivable, NotDerivedYet, UnreadableFile."""
        try:
            reading = await self._readings.done(content.object_key, _PARSERS)
        except NotDerivedYet:
            if content.size > SMALL or sheet != 1:
                raise
            return await self._original(account, file, content)
        return _copy(reading, sheet)

    async def _original(self, account: UUID, file: File, content: Content) -> Table:
        asked = {one.parser: one for one in await self._readings.all(content.object_key)}
        if "csv" not in asked:
            raise NotDerivedYet
        waiting = asked["csv"]
        head = await self._heads.of(account, content, file.filename, waiting.options)
        return _table(content.object_key, content.size, head, {"source": "csv", **waiting.options})


def _copy(reading: Reading, sheet: int) -> Table:
    facts, name = reading.facts, "rows.parquet"
    if reading.derivation.parser == "xlsx":
        sheets = facts.get("sheets", [])
        if sheet > len(sheets):
            raise NotDerivable("There is no such sheet")
        facts, name = sheets[sheet - 1], f"sheet-{sheet}.parquet"
    elif sheet > 1:
        raise NotDerivable("There is no such sheet")
    copy = reading.object(name)
    return _table(copy.object_key, copy.size, facts, {"source": "parquet"}, reading.derivation)


def _table(
    key: str, size: int, facts: Facts, options: Mapping[str, Any], derivation: Derivation | None = None
) -> Table:
    columns = [Column(one["name"], one["type"]) for one in facts["columns"]]
    told = {"columns": facts["columns"], "row_count": facts["row_count"], "key": key, **options}
    return Table(key, size, columns, told, derivation)

"""Puts rows in order: DuckDB sorts, in bounded memory, and what does not fit goes to the task's scratch folder."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import duckdb
import pyarrow as pa

from file_service.parsers.contract import Refused
from file_service.parsers.queries.conditions import Condition
from file_service.parsers.queries.finding import Tally, filtered
from file_service.parsers.queries.pieces import Copy
from file_service.parsers.queries.query import Key

MEMORY: Final = "128MiB"  # of the sort alone
SPILLED: Final = "2GiB"  # in the scratch folder: 20 million rows of 80 bytes

_BATCH_ROWS = 8192


class Ordering:
    """The rows of `copy` that match, ordered by `keys` and then by their numbers. `tally` counts them all."""

    def __init__(
        self, copy: Copy, condition: Condition | None, keys: Sequence[Key], tally: Tally, scratch: str | None
    ) -> None:
        self._copy = copy
        self._condition = condition
        self._keys = keys
        self._tally = tally
        self._scratch = scratch
        self._failure: Exception | None = None

    def numbers(self, offset: int, limit: int) -> list[int]:
        """Of the rows in that window. Refused where the keys of all rows are too large to be sorted."""
        with self._sorted(["row"], offset, limit) as found:
            return [number for batch in found for number in batch["row"].to_pylist()]

    def batches(self, fields: Sequence[str], offset: int, limit: int | None) -> Iterator[pa.RecordBatch]:
        """Refused, with the first batch, where the rows are too many or too large to be sorted."""
        with self._sorted(fields, offset, limit) as found:
            yield from found

    @contextmanager
    def _sorted(self, fields: Sequence[str], offset: int, limit: int | None) -> Iterator[pa.RecordBatchReader]:
        # No name and no value of the client's stands in here.
        keys = ", ".join(f"{key.column} {'DESC' if key.descending else 'ASC'} NULLS LAST" for key in self._keys)
        query = f"SELECT {', '.join(fields)} FROM piece ORDER BY {keys}, row ASC LIMIT ? OFFSET ?"  # noqa: S608
        with _database(self._scratch) as database:
            try:
                database.register("piece", self._read(fields))
                yield database.sql(query, params=[limit, offset]).to_arrow_reader(_BATCH_ROWS)
            except duckdb.Error as error:
                # What failed while it was reading says more than what DuckDB makes of that.
                raise self._failure or _refusal(error) or error from error

    def _read(self, fields: Sequence[str]) -> pa.RecordBatchReader:
        names = list(dict.fromkeys(["row", *(key.column for key in self._keys), *fields]))
        schema = pa.schema([self._copy.schema.field(name) for name in names])
        return pa.RecordBatchReader.from_batches(schema, self._matching(names))

    def _matching(self, names: list[str]) -> Iterator[pa.RecordBatch]:
        reads = list(dict.fromkeys([*names, *(self._condition.columns if self._condition else ())]))
        try:
            for piece in self._copy.pieces(self._condition.expression if self._condition else None):
                for batch in piece.batches(reads):
                    found = filtered(batch, self._condition) if self._condition else batch
                    self._tally.rows += found.num_rows
                    yield found.select(names)
        except Exception as error:
            self._failure = error
            raise


def _refusal(error: duckdb.Error) -> Refused | None:
    """The only files that it has to do with are those of the sort: when they fail, there is no more room for them."""
    if isinstance(error, (duckdb.OutOfMemoryException, duckdb.IOException)):
        return Refused("too-large", "There are too many rows to put them in this order")
    return None


@contextmanager
def _database(scratch: str | None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Of one thread: what reads the copy shares a pipe with what is written, and they have to take turns."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": 1,
        "async_threads": 0,
        "memory_limit": MEMORY,
        "temp_directory": scratch or "",
        "max_temp_directory_size": SPILLED,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "python_enable_replacements": False,
    }
    with duckdb.connect(":memory:", config=config) as database:
        database.execute("SET enable_external_access = false")
        database.execute("SET lock_configuration = true")
        yield database

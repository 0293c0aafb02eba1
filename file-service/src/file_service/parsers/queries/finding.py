"""Finds rows in the order of the table."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.acero as acero

from file_service.parsers.queries.conditions import Condition
from file_service.parsers.queries.pieces import Copy, Piece


@dataclass(slots=True)
class Tally:
    """How many rows match, as far as they were counted."""

    rows: int = 0


def window(copy: Copy, fields: Sequence[str], start: int, end: int | None) -> Iterator[pa.RecordBatch]:
    """The rows from `start` until before `end`, whatever they hold. Only the pieces with them are read."""
    for piece in copy.pieces():
        if start < piece.first + piece.count and (end is None or piece.first < end):
            yield from _clipped(piece.batches(fields), start - piece.first, None if end is None else end - piece.first)


def matching(
    copy: Copy, condition: Condition, fields: Sequence[str], start: int, end: int | None, tally: Tally
) -> Iterator[pa.RecordBatch]:
    """Of the rows that match, those from number `start` until before `end`; once it has ended, all are counted.

    What only the condition reads is read everywhere, `fields` only in the pieces that have some of the rows.
    """
    for piece in copy.pieces(condition.expression):
        hits = _hits(piece, condition)
        begin, stop = start - tally.rows, None if end is None else end - tally.rows
        tally.rows += hits.true_count
        if begin < hits.true_count and (stop is None or stop > 0):
            yield from _clipped(_filtered(piece.batches(fields), hits), begin, stop)


def numbered(
    copy: Copy, fields: Sequence[str], numbers: Sequence[int]
) -> Iterator[tuple[Sequence[int], pa.RecordBatch]]:
    """The rows with these numbers, which ascend, some at a time, and their numbers."""
    for piece in copy.pieces():
        at = piece.first
        if bisect_left(numbers, at) == bisect_left(numbers, at + piece.count):
            continue
        for batch in piece.batches(fields):
            here = numbers[bisect_left(numbers, at) : bisect_left(numbers, at + batch.num_rows)]
            if here:
                yield here, batch.take(pa.array([number - at for number in here], pa.int64()))
            at += batch.num_rows


def filtered(batch: pa.RecordBatch, condition: Condition) -> pa.RecordBatch:
    return batch.filter(_judged(batch, condition))


def _hits(piece: Piece, condition: Condition) -> pa.BooleanArray:
    judged = [_judged(batch, condition) for batch in piece.batches(condition.columns)]
    return pa.concat_arrays(judged) if judged else pa.array([], pa.bool_())


def _judged(batch: pa.RecordBatch, condition: Condition) -> pa.BooleanArray:
    steps = [
        acero.Declaration("table_source", acero.TableSourceNodeOptions(pa.Table.from_batches([batch]))),
        acero.Declaration("project", acero.ProjectNodeOptions([condition.expression], ["hit"])),
    ]
    return acero.Declaration.from_sequence(steps).to_table(use_threads=False)["hit"].combine_chunks()


def _filtered(batches: Iterable[pa.RecordBatch], hits: pa.BooleanArray) -> Iterator[pa.RecordBatch]:
    at = 0
    for batch in batches:
        yield batch.filter(hits.slice(at, batch.num_rows))
        at += batch.num_rows


def _clipped(batches: Iterable[pa.RecordBatch], start: int, end: int | None) -> Iterator[pa.RecordBatch]:
    """Reads no further than to `end`."""
    at = 0
    for batch in batches:
        first = max(0, start - at)
        last = batch.num_rows if end is None else min(batch.num_rows, end - at)
        if first < last:
            yield batch.slice(first, last - first)
        at += batch.num_rows
        if end is not None and at >= end:
            return

"""Queries on tables, through the process that answers them."""

import csv
import io
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from parsing import MIB, parsed
from row_tables import RowTable

from file_service.exports.csv_lines import csv_lines
from file_service.rows.columns import Column
from file_service.rows.selection import Selection

NOON = datetime(2026, 1, 2, 12, 30, 5)  # noqa: DTZ001 - a column may know no zone
ROWS: list[list[Any]] = [
    [1, "Ann", 1.5, True, date(2026, 1, 2), NOON, NOON.replace(tzinfo=UTC)],
    [2**53 + 1, 'a "quote", \\ and\nmore', -0.1, False, date(1, 1, 1), NOON.replace(microsecond=50), None],
    [None, None, None, None, None, None, None],
    [-3, "=1+1", 1e300, True, date(9999, 12, 31), NOON, None],
    [4, "ünïcode \U0001f600\x01", 3.0, False, None, NOON, NOON.replace(tzinfo=UTC, microsecond=120000)],
]
KINDS = RowTable(
    [
        Column("id", "integer"),
        Column("name", "string"),
        Column("amount", "number"),
        Column("paid", "boolean"),
        Column("day", "date"),
        Column("at", "datetime"),
        Column('the "moment", in UTC', "datetime"),
    ],
    ROWS,
    texts={2: ["1.50", "-.1", None, "1e300", "3.0"]},
    types={6: pa.timestamp("us", "UTC")},
    group=2,
)
NUMBERS = RowTable(
    [Column("n", "integer"), Column("group", "integer"), Column("word", "string")],
    [[n, n % 7 if n % 10 else None, f"word {n * 7919 % 1000:03}"] for n in range(1000)],
)


def numbers(**selection: Any) -> list[int]:
    return [row[0] for row in NUMBERS.page(columns="n", **selection)["rows"]]


def test_a_page_is_exactly_its_columns_rows_and_the_count() -> None:
    outcome = KINDS.asked()
    assert outcome.peak < 400 * MIB
    assert outcome.content_types == {"page": "application/json"}
    page = json.loads(outcome.objects["page"])
    assert list(page) == ["columns", "rows", "row_count"]
    assert page["columns"][1:3] == [{"name": "name", "type": "string"}, {"name": "amount", "type": "number"}]
    assert page["row_count"] == 5
    assert [row[:4] for row in page["rows"]] == [row[:4] for row in ROWS]
    assert [row[4:] for row in page["rows"]] == [
        ["2026-01-02", "2026-01-02T12:30:05", "2026-01-02T12:30:05Z"],
        ["0001-01-01", "2026-01-02T12:30:05.000050", None],
        [None, None, None],
        ["9999-12-31", "2026-01-02T12:30:05", None],
        [None, "2026-01-02T12:30:05", "2026-01-02T12:30:05.120000Z"],
    ]
    assert b"9007199254740993" in outcome.objects["page"]


@pytest.mark.parametrize("limit", [1, 20_000])
def test_an_ordered_page_has_the_same_cells(limit: int) -> None:
    page = KINDS.page(limit=limit, order_by="amount", columns='"the ""moment"", in UTC",at,name,id,day,amount,paid')
    assert page["rows"][0] == [None, "2026-01-02T12:30:05.000050", ROWS[1][1], 2**53 + 1, "0001-01-01", -0.1, False]
    assert page["row_count"] == 5


def test_lines_of_json_have_an_object_each() -> None:
    outcome = KINDS.asked("ndjson", columns='id,"the ""moment"", in UTC"')
    assert outcome.content_types == {"page": "application/x-ndjson"}
    lines = [json.loads(line) for line in outcome.objects["page"].splitlines()]
    assert lines[0] == {"id": 1, 'the "moment", in UTC': "2026-01-02T12:30:05Z"}
    assert len(lines) == 5


def test_csv_is_cell_for_cell_what_stood_in_the_file() -> None:
    outcome = KINDS.asked("csv")
    assert outcome.content_types == {"page": "text/csv; charset=utf-8; header=present"}
    data = outcome.objects["page"]
    rows = list(csv.reader(io.StringIO(data.decode(), newline="")))
    assert rows[0] == [column.name for column in KINDS.columns]
    assert rows[1][:4] == ["1", "Ann", "1.50", "true"]
    assert rows[2][1:3] == [ROWS[1][1], "-.1"]
    assert rows[3] == [""] * 7
    assert data.count(b"\r\n") == 6


@pytest.mark.parametrize("formula_safe", [True, False])
def test_csv_is_written_as_other_exports_are_and_numbers_are_left_alone(formula_safe: bool) -> None:
    cells = ["=1", "+1", "-1", "@a", "\t=1", "\r\n=1", "\uff1d1", "a=1", "'=1", 'a"b', "a,b", " a", "-", "é"]
    table = RowTable([Column("=text", "string"), Column("n", "integer")], [[cell, -1] for cell in cells])
    expected = csv_lines([("=text", "n"), *((cell, -1) for cell in cells)], formula_safe=formula_safe)
    assert table.asked("csv", formula_safe=formula_safe).objects["page"] == expected


def test_an_empty_cell_in_the_only_column_is_still_a_row() -> None:
    table = RowTable([Column("a", "string")], [["x"], [None], ["y"]])
    assert table.asked("csv").objects["page"] == b'a\r\nx\r\n""\r\ny\r\n'


def test_pages_cross_row_groups_and_end_with_the_table() -> None:
    assert numbers(offset=95, limit=10) == list(range(95, 105))
    assert numbers(offset=995, limit=10) == list(range(995, 1000))
    assert numbers(offset=1000, limit=10) == []
    assert numbers(offset=10**15, limit=10) == []
    assert numbers(limit=0) == []
    assert numbers(offset=990) == list(range(990, 1000))


@pytest.mark.parametrize("order_by", [None, "n", "-n"])
def test_the_count_is_of_all_rows_that_match_wherever_the_page_is(order_by: str | None) -> None:
    for window in ({"limit": 0}, {"limit": 3}, {"offset": 140, "limit": 9}, {"offset": 10**6, "limit": 3}, {}):
        page = NUMBERS.page(condition="group = 3 and n < 990", order_by=order_by, **window)
        assert page["row_count"] == sum(n % 7 == 3 and n % 10 != 0 for n in range(990))


def test_a_condition_pages_through_what_it_finds() -> None:
    found = [n for n in range(1000) if n % 7 == 3 and n % 10]
    assert numbers(condition="group = 3") == found
    assert numbers(condition="group = 3", offset=50, limit=20) == found[50:70]
    assert numbers(condition="n = 1 and n = 2") == []
    assert numbers(condition="n = 1e30 or not n < 1e30", limit=5) == []


def test_empty_cells_come_last_both_ways_and_ties_in_the_order_of_the_file() -> None:
    full = [n for n in range(1000) if n % 10]
    empty = [n for n in range(1000) if n % 10 == 0]
    assert numbers(order_by="group") == sorted(full, key=lambda n: n % 7) + empty
    assert numbers(order_by="-group") == sorted(full, key=lambda n: -(n % 7)) + empty
    assert numbers(order_by="-group,-n")[:2] == sorted(full, key=lambda n: (-(n % 7), -n))[:2]


def test_ordered_pages_are_parts_of_one_whole() -> None:
    whole = numbers(order_by="-group,word", condition="n > 100")
    parts = [numbers(order_by="-group,word", condition="n > 100", offset=at, limit=300) for at in (0, 300, 600)]
    assert [number for part in parts for number in part] == whole


@pytest.mark.parametrize(
    "text", ["'; DROP TABLE piece; --", '" OR 1=1 --', "a' OR 'a'='a", "%", "_", "\\", "(?i).*", "\x00", "$1", "?"]
)
def test_texts_that_look_like_code_are_texts(text: str) -> None:
    columns = [Column(f'n{text}"', "string"), Column("piece", "string"), Column("row", "integer")]
    table = RowTable(columns, [["plain", "b", 1], [f"<{text}>", "a", 0]])
    quoted, name = text.replace("'", "''"), '"' + columns[0].name.replace('"', '""') + '"'
    for condition in (f"{name} contains '{quoted}'", f"{name} = '<{quoted}>'", f"{name} in ('<{quoted}>', '{quoted}')"):
        page = table.page(condition=condition, order_by=f"-{name},piece,row", columns=f"{name},piece,row", limit=5)
        assert page["rows"] == [[f"<{text}>", "a", 0]]
        assert page["columns"][0]["name"] == columns[0].name


def test_small_csv_files_are_asked_themselves() -> None:
    data = b"id,name,price\r\n1,a,1.50\r\n2,b,\r\n3,c,0.25\r\n"
    columns = [Column("id", "integer"), Column("name", "string"), Column("price", "number")]
    selection = Selection.of(columns, condition="id > 1", order_by="-id")
    told = {"source": "csv"} | selection.options(format="csv", formula_safe=True)
    outcome = parsed("rows", data, "text/csv", "a.csv", told)
    assert outcome.objects["page"] == b"id,name,price\r\n3,c,0.25\r\n2,b,\r\n"
    assert outcome.found == {"row_count": 2, "rows": 2}


@pytest.mark.parametrize("cut", [slice(0), slice(1000), slice(500, None), slice(-20)])
def test_what_is_no_copy_is_refused(cut: slice) -> None:
    options = NUMBERS.options(Selection.of(NUMBERS.columns))
    outcome = parsed("rows", NUMBERS.parquet[cut], options=options)
    assert outcome.refusal == ("broken", "The table cannot be read")


@pytest.mark.parametrize("asked", [{}, {"order_by": "word"}, {"order_by": "word", "limit": 5}, {"condition": "n > 5"}])
def test_damage_inside_a_copy_is_refused_on_every_way_through_it(asked: dict[str, Any]) -> None:
    damaged = bytearray(NUMBERS.parquet)
    damaged[4 : len(damaged) * 2 // 3] = b"\xff" * (len(damaged) * 2 // 3 - 4)
    outcome = parsed("rows", bytes(damaged), options=NUMBERS.options(Selection.of(NUMBERS.columns, **asked)))
    assert outcome.refusal == ("broken", "The table cannot be read")


def test_a_copy_with_other_columns_is_refused() -> None:
    options = KINDS.options(Selection.of(KINDS.columns, order_by="at"))
    assert parsed("rows", NUMBERS.parquet, options=options).refusal == ("broken", "The table cannot be read")


def test_a_sort_that_does_not_fit_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    copy = big_copy(tmp_path, rows=40, text="x" * MIB)
    outcome = parsed("rows", copy, options=BIG.options(Selection.of(BIG.columns, order_by="-text", limit=40)))
    assert outcome.refusal is not None
    assert outcome.refusal[0] == "too-large"
    assert outcome.objects == {}


BIG = RowTable([Column("n", "integer"), Column("text", "string"), Column("noise", "integer")], [])


def big_copy(folder: Path, *, rows: int, text: str = "some words") -> Path:
    schema = pa.schema([("row", pa.int64()), ("c0", pa.int64()), ("c1", pa.string()), ("c2", pa.int64())])
    path, group = folder / "copy.parquet", min(rows, 65536)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for start in range(0, rows, group):
            at = range(start, min(start + group, rows))
            noise = [number * 2654435761 % 2**32 for number in at]
            texts = [f"{number} {text}" for number in noise]
            writer.write_table(pa.table([pa.array(at), pa.array(at), pa.array(texts), pa.array(noise)], schema=schema))
    return path


@pytest.mark.heavy
def test_memory_does_not_follow_the_number_of_rows(tmp_path: Path) -> None:
    rows = 3_000_000
    copy = big_copy(tmp_path, rows=rows)
    for asked in (
        {"offset": rows - 100, "limit": 100},
        {"condition": "text contains '77' and not noise = 5", "limit": 100},
        {"order_by": "-noise", "limit": 100},
        {"order_by": "text", "offset": rows - 100, "limit": 100},
        {"order_by": "noise", "limit": 10_000},
        {"order_by": "text", "columns": "n"},
        {"columns": "n,noise"},
    ):
        options = BIG.options(Selection.of(BIG.columns, **asked)) | {"row_count": rows}
        outcome = parsed("rows", copy, options=options, scratch=tmp_path)
        assert outcome.found["row_count"]
        assert outcome.peak < 400 * MIB, asked

"""What becomes of the rows of CSV files: their types, those that are broken, and what is written of them."""

import csv
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from csv_files import cells_of, head_of, names_of, rows_of, table_of, types_of
from hypothesis import given
from hypothesis import strategies as st
from large_csv import COLUMNS, write_large_csv
from parsing import MIB, parsed

from file_service.parsers.contract import Refused


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "-20", "0", "9223372036854775807", "-9223372036854775808"], "integer"),
        (["1", "1.5", "-2.50e3", ".5", "-0", "1E-7"], "number"),
        (["true", "FALSE", "True"], "boolean"),
        (["2026-01-02", "0001-01-01", "9999-12-31"], "date"),
        (["2026-01-02T03:04:05", "2026-01-02 03:04", "2026-01-02T03:04:05.123456"], "datetime"),
        (
            ["2026-01-02T03:04:05Z", "2026-01-02 03:04+0100", "2026-01-02T03:04:05.5-01:30", "2026-01-02T03:04-08"],
            "datetime",
        ),
        (["007", "008"], "string"),
        (["+1", "+2"], "string"),
        (["1,000", "2,000"], "string"),
        (["1_000"], "string"),
        ([" 1"], "string"),
        (["0x10"], "string"),
        (["99999999999999999999"], "string"),
        (["1e999"], "string"),
        (["nan", "inf"], "string"),
        (["1", "true"], "string"),
        (["2026-02-30"], "string"),
        (["0000-01-01"], "string"),
        (["2026-01-02", "2026-01-02T03:04"], "string"),
        (["2026-01-02T03:04", "2026-01-02T03:04Z"], "string"),
        (["2026-01-02T24:00"], "string"),
        (["0001-01-01T00:00+01:00"], "string"),
        (["9999-12-31T23:59-01:00"], "string"),
        (["", ""], "string"),
    ],
)
def test_a_column_has_the_type_of_all_its_cells(cells: list[str], kind: str) -> None:
    text = "key,value\n" + "".join(f'"k","{cell}"\n' for cell in ["", *cells])
    table, facts = table_of(text)
    assert types_of(facts) == ["string", kind]
    assert types_of(head_of(text)) == ["string", kind]
    assert [cell for _, cell in cells_of(table)] == ["", *cells]


def test_one_cell_late_in_the_file_widens_its_column_and_loses_none() -> None:
    rows = 20_000
    table, facts = table_of("a,b,c\n" + "1,12345678901234567,2\n" * rows + "1.5,0.5,x\n")
    assert types_of(facts) == ["number", "number", "string"]
    assert cells_of(table)[0] == ["1", "12345678901234567", "2"]
    assert cells_of(table)[-1] == ["1.5", "0.5", "x"]
    assert [column["has_text"] for column in facts["columns"]] == [False, True, False]


def test_rows_are_numbered_from_0() -> None:
    table, _ = table_of("a\n5\n6\n7\n")
    assert table["row"].to_pylist() == [0, 1, 2]


def test_rows_with_too_few_or_too_many_fields_are_reported_and_left_out() -> None:
    table, facts = table_of('a,b\n1,2\n3\n4,5,6\n7,"x\ny"\n8\n')
    assert rows_of(table) == [[1, "2"], [7, "x\ny"]]
    assert (facts["row_count"], facts["broken_row_count"]) == (2, 3)
    assert facts["broken_rows"] == [
        {"line": 3, "reason": "1 fields instead of 2", "text": "3"},
        {"line": 4, "reason": "3 fields instead of 2", "text": "4,5,6"},
        {"line": 7, "reason": "1 fields instead of 2", "text": "8"},
    ]


def test_bytes_that_are_no_text_break_their_row_only() -> None:
    table, facts = table_of("a,b\n1,é\n".encode() * 20_000 + b"2,\xff\n3,x\n")
    assert table.num_rows == 39_999 + 1
    assert facts["broken_rows"] == [
        {"line": 40_001, "reason": "bytes that are no text in the file's encoding", "text": "2,\ufffd"}
    ]


def test_all_broken_rows_are_counted_and_100_shown() -> None:
    _, facts = table_of("a,b\n1,2\n" * 3000 + "x\n" * 1500)
    assert (facts["broken_row_count"], len(facts["broken_rows"])) == (1500, 100)


@pytest.mark.parametrize("rows", [3, 30_000])
def test_a_quote_that_is_never_closed_breaks_one_row(rows: int) -> None:
    table, facts = table_of('a,b\n1,"open\n' + "2,y\n" * rows)
    assert table.num_rows == rows
    assert facts["broken_rows"] == [
        {"line": 2, "reason": "a quote that is never closed", "text": facts["broken_rows"][0]["text"]}
    ]
    assert facts["broken_rows"][0]["text"].startswith('1,"open\n')


def test_a_quote_left_open_until_the_next_one_does_not_swallow_what_is_between() -> None:
    table, facts = table_of('a,b\n1,"open\n2,y\n3,"z"\n4,w\n')
    assert rows_of(table) == [[2, "y"], [3, "z"], [4, "w"]]
    assert [(row["line"], row["reason"]) for row in facts["broken_rows"]] == [(2, "text after a closing quote")]


def test_a_file_of_open_quotes_ends_in_time() -> None:
    outcome = parsed("csv", b"a,b\n1,2\n" + b'x","\n' * 150_000, seconds=20)
    assert outcome.found["broken_row_count"] > 10
    assert outcome.peak < 350 * MIB


@pytest.mark.parametrize("cell", ["x" * (MIB + 1), '"' + "x\n" * (MIB // 2 + 1) + '"'])
def test_a_field_beyond_the_limit_breaks_its_row(cell: str) -> None:
    table, facts = table_of(f"a,b\n1,x\n2,{cell}\n3,y\n")
    assert [row[0] for row in rows_of(table)][:2] == [1, 3] or facts["broken_row_count"] > 1
    assert facts["broken_rows"][0]["line"] == 3
    assert facts["broken_rows"][0]["reason"] == "a field of more than 1 MiB"
    assert len(facts["broken_rows"][0]["text"]) <= 200


def test_a_field_at_the_limit_is_kept() -> None:
    table, _ = table_of(f"a,b\n1,{'x' * MIB}\n")
    assert len(rows_of(table)[0][1]) == MIB


def test_a_line_without_end_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "line.csv"
    with path.open("wb") as file:
        file.write(b"a,b\n1,2\n")
        for _ in range(100):
            file.write(b"x," * (MIB // 2))
        file.write(b"\n3,4\n")
    outcome = parsed("csv", path)
    assert (outcome.found["row_count"], outcome.found["broken_row_count"]) == (2, 1)
    assert outcome.peak < 350 * MIB


def test_2000_columns_are_read_and_more_refused() -> None:
    table, facts = table_of(",".join(f"n{i}" for i in range(2000)) + "\n" + ",".join(map(str, range(2000))) + "\n")
    assert len(facts["columns"]) == 2000
    assert rows_of(table) == [list(range(2000))]
    with pytest.raises(Refused) as refusal:
        table_of(",".join(f"n{i}" for i in range(2001)) + "\n")
    assert refusal.value.reason == "too-large"


def test_a_file_of_zeros_or_noise_is_no_crash() -> None:
    for data in (bytes(300_000), bytes(range(256)) * 2000, b"\xff\xfe\x00", b'"', b"'", b"\r", b"\xef\xbb"):
        _, facts = table_of(data)
        assert facts["kind"] == "table"


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"), max_size=8) | st.sampled_from(
    ["1", "2.50", "007", "true", "2026-01-02", "2026-01-02T03:04:05Z", "", 'a"b', "x\r\ny", "1e400", "-0"]
)
TABLES = st.integers(2, 5).flatmap(lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), max_size=8))


@given(TABLES, st.sampled_from(["\n", "\r\n"]))
def test_what_the_standard_library_writes_is_read_cell_for_cell(rows: list[list[str]], end: str) -> None:
    header = [f"name{i}" for i in range(len(rows[0]) if rows else 2)]
    file = StringIO()
    csv.writer(file, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([header, *rows])
    table, facts = table_of(file.getvalue())
    assert (names_of(facts), facts["broken_row_count"]) == (header, 0)
    assert cells_of(table) == rows


VALUES = st.one_of(
    st.integers(-(2**64), 2**64).map(str),
    st.floats().map(repr),
    st.dates().map(str),
    st.datetimes().map(lambda at: at.isoformat()),
    st.from_regex(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-2][0-9]:[0-5][0-9](:[0-9]{2})?(Z|[+-][0-9]{2}:?[0-9]{2})?", fullmatch=True
    ),
    st.from_regex(r"-?[0-9]{0,20}(\.[0-9]{0,20})?([eE][+-]?[0-9]{0,4})?", fullmatch=True),
    st.sampled_from(["", "TRUE", "x"]),
)  # fmt: skip


@given(st.lists(VALUES, max_size=4))
def test_the_head_of_a_small_file_has_the_types_and_values_of_the_whole(cells: list[str]) -> None:
    text = "name,value\n" + "".join(f"x,{cell}\n" for cell in cells)
    head, (table, facts) = head_of(text), table_of(text)
    assert (names_of(head), types_of(head), head["row_count"]) == (names_of(facts), types_of(facts), facts["row_count"])
    assert head["rows"] == [[name, _json(value)] for name, value in rows_of(table)]


def _json(value: object) -> object:
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat().replace("+00:00", "Z")
    return value


def test_the_columnar_copy_is_written_by_the_confined_process() -> None:
    outcome = parsed("csv", b"id,price,at\n1,1.10,2026-01-02T03:04:05Z\n2,2.5,2026-01-02T03:04:05+01:00\n")
    assert outcome.content_types == {"rows.parquet": "application/vnd.apache.parquet"}
    table = pq.read_table(BytesIO(outcome.objects["rows.parquet"]))
    assert table.column_names == ["row", "c0", "c1", "t1", "c2", "t2"]
    assert table["t1"].to_pylist() == ["1.10", "2.5"]
    assert str(table.schema.field("c2").type) == "timestamp[us, tz=UTC]"
    expected, facts = table_of(b"id,price,at\n1,1.10,2026-01-02T03:04:05Z\n2,2.5,2026-01-02T03:04:05+01:00\n")
    assert (table, outcome.found) == (expected, facts)


def test_a_page_can_be_found_by_its_row_numbers() -> None:
    data = b"id,name\n" + b"".join(b"%d,name %d\n" % (i, i) for i in range(150_000))
    outcome = parsed("csv", data)
    metadata = pq.ParquetFile(BytesIO(outcome.objects["rows.parquet"])).metadata
    spans = [metadata.row_group(i).column(0).statistics for i in range(metadata.num_row_groups)]
    assert spans[0].min == 0
    assert [span.min for span in spans[1:]] == [span.max + 1 for span in spans[:-1]]
    assert spans[-1].max == 149_999
    assert len(spans) > 2


@pytest.mark.heavy
def test_20_million_rows_take_no_more_memory_than_a_few(tmp_path: Path) -> None:
    write_large_csv(tmp_path / "large.csv")
    outcome = parsed("csv", tmp_path / "large.csv", seconds=1200)
    assert (outcome.found["row_count"], outcome.found["broken_row_count"]) == (20_000_000, 0)
    assert names_of(outcome.found) == list(COLUMNS)
    assert outcome.peak < 350 * MIB

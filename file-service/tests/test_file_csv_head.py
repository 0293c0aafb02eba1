"""The first rows of a CSV file, at once."""

import subprocess
import sys

import pytest
from csv_files import head_of, names_of, types_of
from parsing import MIB, parsed

HEAD = 4 * MIB


def test_values_are_json() -> None:
    head = head_of(
        "id,price,ok,day,at,utc,note\n1,1.50,TRUE,2026-01-02,2026-01-02 03:04,2026-01-02T03:04:05+01:00,x\n,,,,,,\n"
    )
    assert head["rows"] == [
        [1, 1.5, True, "2026-01-02", "2026-01-02T03:04:00", "2026-01-02T02:04:05Z", "x"],
        [None] * 7,
    ]
    assert types_of(head) == ["integer", "number", "boolean", "date", "datetime", "datetime", "string"]
    assert (head["row_count"], head["complete"], head["header"], head["delimiter"]) == (2, True, True, ",")


def test_as_many_rows_as_are_asked_for_and_all_are_counted() -> None:
    text = "id,name\n" + "1,x\n" * 5000
    assert (len(head_of(text)["rows"]), len(head_of(text, rows=3)["rows"])) == (100, 3)
    assert head_of(text, rows=0)["row_count"] == 5000


@pytest.mark.parametrize("row", [b"1,some name\n", b'1,"two\nlines"\n', "1,é\n".encode(), b"1,2\r\n", b"1,2,3\n"])
def test_a_row_that_is_cut_by_the_end_of_the_head_is_left_out(row: bytes) -> None:
    start = b"id,name\n" + b"0,x\n" * 10
    fill = b"2," + b"y" * 997 + b"\n"
    whole = start + fill * ((HEAD - len(start)) // len(fill))
    padded = whole + b"3," + b"z" * (HEAD - len(whole) - 3 - len(row) // 2) + b"\n"
    head = head_of(padded + row * 1000, rows=HEAD)
    assert head["rows"][-1][0] == 3
    assert (head["complete"], head["row_count"], head["broken_row_count"]) == (False, None, 0)
    assert names_of(head) == ["id", "name"]


def test_a_file_of_just_the_heads_size_is_complete() -> None:
    data = b"id\n" + b"1\n" * ((HEAD - 3) // 2)
    data += b"2" * (HEAD - len(data))
    head = head_of(data)
    assert (head["complete"], head["row_count"]) == (True, (HEAD - 3) // 2 + 1)
    assert head_of(data + b"\n3\n")["complete"] is False


def test_utf_16_may_be_cut_in_the_middle_of_a_character() -> None:
    head = head_of(b"\xff\xfea\0,\0b\0\n\0" + "1,😀\n".encode("utf-16-le") * 500_000)
    assert (head["encoding"], head["broken_row_count"]) == ("utf-16", 0)
    assert head["rows"][0] == [1, "😀"]


def test_broken_rows_are_told() -> None:
    head = head_of("a,b\n1,2\n3\n")
    assert head["broken_rows"] == [{"line": 3, "reason": "1 fields instead of 2", "text": "3"}]


def test_it_derives_nothing_and_takes_little() -> None:
    outcome = parsed("csv-head", b"id,name\n1,x\n")
    assert (outcome.found["rows"], outcome.objects) == ([[1, "x"]], {})


def test_it_imports_nothing_that_takes_time() -> None:
    program = "import file_service.parsers.table_csv_head, sys; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()
    assert not {"pyarrow", "charset_normalizer", "numpy", "lxml", "asyncio"} & set(modules)

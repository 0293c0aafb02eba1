"""XLSX workbooks as tables, and what is refused of them."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook
from parsing import MIB, Outcome, parsed


def workbook(**sheets: Sequence[Sequence[Any]]) -> bytes:
    book = Workbook()
    del book["Sheet"]
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def rewritten(data: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """The same package with other parts."""
    file = BytesIO()
    with ZipFile(BytesIO(data)) as old, ZipFile(file, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return file.getvalue()


def with_sheet(xml: str, texts: str = "") -> bytes:
    """A workbook whose one sheet is written by hand, and the texts that it names by number."""
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    override = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'.encode()

    def change(name: str, part: bytes) -> bytes:
        if name == "[Content_Types].xml":
            return part.replace(b"</Types>", override)
        return f"<worksheet {space}>{xml}</worksheet>".encode() if "worksheets/" in name else part

    file = BytesIO(rewritten(workbook(one=[[1]]), change))
    with ZipFile(file, "a", ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", f"<sst {space}>{texts}</sst>")
    return file.getvalue()


def read(data: bytes, **given: Any) -> Outcome:
    return parsed("xlsx", data, filename="book.xlsx", seconds=30, **given)


def rows_of(outcome: Outcome, sheet: int = 1) -> list[list[Any]]:
    table = pq.read_table(BytesIO(outcome.objects[f"sheet-{sheet}.parquet"]))
    assert table["row"].to_pylist() == list(range(table.num_rows))
    return [list(row.values()) for row in table.drop_columns("row").to_pylist()]


def types_of(outcome: Outcome, sheet: int = 1) -> dict[str, str]:
    return {column["name"]: column["type"] for column in outcome.found["sheets"][sheet - 1]["columns"]}


def test_each_sheet_is_a_table_with_the_types_of_its_cells() -> None:
    at = datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001  (a workbook knows no zones)
    outcome = read(
        workbook(
            Orders=[
                ["id", "price", "paid", "day", "at", "note"],
                [1, 1.5, True, date(2026, 1, 2), at, "x"],
                [2, 2, False, None, datetime(2026, 1, 3), None],  # noqa: DTZ001
            ],
            Empty=[],
            Second=[["a"], ["b"]],
        )
    )
    assert [(sheet["name"], sheet["row_count"], sheet["header"]) for sheet in outcome.found["sheets"]] == [
        ("Orders", 2, True),
        ("Empty", 0, False),
        ("Second", 1, True),
    ]
    assert types_of(outcome) == {
        "id": "integer", "price": "number", "paid": "boolean", "day": "date", "at": "datetime", "note": "string",
    }  # fmt: skip
    assert rows_of(outcome)[0] == [1, 1.5, True, date(2026, 1, 2), at, "x"]
    assert rows_of(outcome)[1][:4] == [2, 2.0, False, None]
    assert list(outcome.objects) == ["sheet-1.parquet", "sheet-2.parquet", "sheet-3.parquet"]
    assert outcome.peak < 350 * MIB


def test_mixed_cells_are_texts() -> None:
    day = datetime(2026, 1, 2)  # noqa: DTZ001
    cells = [1, 2.5, True, "x", day, time(1, 2), datetime(2026, 1, 2, 3)]  # noqa: DTZ001
    outcome = read(workbook(one=[["k", "v"], *(["a", cell] for cell in cells)]))
    assert types_of(outcome) == {"k": "string", "v": "string"}
    assert [row[1] for row in rows_of(outcome)] == [
        "1",
        "2.5",
        "true",
        "x",
        "2026-01-02",
        "01:02:00",
        "2026-01-02T03:00:00",
    ]


def test_shared_texts_are_read_with_their_runs_and_without_their_pronunciation() -> None:
    texts = "<si><t>a</t></si><si><r><t>b</t></r><r><t>c</t></r><rPh><t>x</t></rPh></si><si/>"
    cells = "".join(f'<c t="s"><v>{number}</v></c>' for number in (0, 1, 2, 0))
    outcome = read(with_sheet(f"<sheetData><row>{cells}</row></sheetData>", texts))
    assert rows_of(outcome) == [["a", "bc", None, "a"]]


def test_a_text_of_digits_stays_a_text() -> None:
    outcome = read(workbook(one=[["code", "n"], ["007", 1], ["008", 2]]))
    assert types_of(outcome) == {"code": "string", "n": "integer"}
    assert rows_of(outcome) == [["007", 1], ["008", 2]]


def test_values_without_a_header_are_all_rows() -> None:
    outcome = read(workbook(one=[[1, 2], [3, 4]]))
    assert types_of(outcome) == {"column_1": "integer", "column_2": "integer"}
    assert rows_of(outcome) == [[1, 2], [3, 4]]


def test_empty_rows_are_none_and_wider_rows_widen_the_table() -> None:
    rows: list[list[Any]] = [["a", "b"], [], [1, 2], [None, None], *[[3, 4]] * 200, [5, 6, "x"]]
    outcome = read(workbook(one=rows))
    assert types_of(outcome) == {"a": "integer", "b": "integer", "column_3": "string"}
    assert rows_of(outcome)[0] == [1, 2, None]
    assert rows_of(outcome)[-1] == [5, 6, "x"]


def test_what_formulas_came_to_is_read() -> None:
    outcome = read(
        with_sheet('<sheetData><row><c><f>1+1</f><v>2</v></c><c t="str"><f>"a"</f><v>a</v></c></row></sheetData>')
    )
    assert rows_of(outcome) == [[2, "a"]]


def test_a_lie_about_the_dimensions_costs_nothing() -> None:
    row = '<row r="1"><c r="B1"><v>7</v></c></row>'
    outcome = read(with_sheet(f'<dimension ref="A1:XFD1048576"/><sheetData>{row}</sheetData>'))
    assert rows_of(outcome) == [[None, 7]]
    assert outcome.peak < 350 * MIB


def test_a_row_far_below_is_only_one_row() -> None:
    outcome = read(
        with_sheet('<sheetData><row r="1"><c><v>1</v></c></row><row r="1048576"><c><v>2</v></c></row></sheetData>')
    )
    assert rows_of(outcome) == [[1], [2]]


@pytest.mark.parametrize(
    ("xml", "reason"),
    [
        ('<sheetData><row r="99999999999"><c><v>1</v></c></row></sheetData>', "broken"),
        ('<sheetData><row r="1"><c r="XFD1"><v>1</v></c></row></sheetData>', "too-large"),
        ('<sheetData><row r="1"><c r="A1" t="s"><v>99</v></c></row></sheetData>', "broken"),
        ('<sheetData><row r="1"><c r="A1"><v>abc</v></c></row></sheetData>', "broken"),
        ('<sheetData><row r="1"><c r="A1"><v>1</v></c></row>', "broken"),
        (f'<sheetData><row><c t="str"><v>{"x" * 40_000}</v></c></row></sheetData>', "broken"),
        ("<sheetData>" + "<x>" * 10_000 + "</x>" * 10_000 + "</sheetData>", "broken"),
    ],
)
def test_a_broken_sheet_is_refused(xml: str, reason: str) -> None:
    outcome = read(with_sheet(xml))
    assert outcome.refusal is not None, (outcome.exit_code, outcome.facts)
    assert outcome.refusal[0] == reason


def test_a_document_type_is_refused() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><sst>&b;</sst>'
    data = rewritten(workbook(one=[["x"]]), lambda name, part: bomb if name == "xl/workbook.xml" else part)
    outcome = read(data)
    assert outcome.refusal is not None
    assert outcome.refusal[0] == "broken"


def test_a_zip_bomb_is_refused() -> None:
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive, archive.open("xl/worksheets/sheet1.xml", "w") as part:
        for _ in range(200):
            part.write(b" " * MIB)
    outcome = read(file.getvalue())
    assert outcome.refusal is not None
    assert outcome.refusal[0] == "too-large"
    assert outcome.peak < 350 * MIB


COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "broken"),
        (b"id,name\n1,2\n", "broken"),
        (workbook(one=[["x"]])[:-100], "broken"),
        (COMPOUND + bytes(2000) + "EncryptedPackage".encode("utf-16-le") + bytes(500), "encrypted"),
        (COMPOUND + bytes(5000), "unsupported"),
    ],
)
def test_what_is_no_workbook_is_refused(data: bytes, reason: str) -> None:
    outcome = read(data)
    assert outcome.refusal is not None
    assert outcome.refusal[0] == reason


def test_a_zip_without_the_parts_of_a_workbook_is_refused() -> None:
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "x")
    assert read(file.getvalue()).refusal == ("broken", "The file is no whole workbook")


def test_more_than_100_sheets_are_refused() -> None:
    outcome = read(workbook(**{f"s{number}": [] for number in range(101)}))
    assert outcome.refusal is not None
    assert outcome.refusal[0] == "too-large"


def test_many_rows_and_many_texts_take_little_memory() -> None:
    row = '<row r="{0}" ht="20" customHeight="1"><c r="A{0}"><v>{0}</v></c><c r="B{0}" t="s"><v>{0}</v></c></row>'
    sheet = "".join(row.format(number) for number in range(1, 50_001))
    texts = "".join(f"<si><t>text number {number}</t></si>" for number in range(50_001))
    outcome = read(with_sheet(f"<sheetData>{sheet}</sheetData>", texts))
    assert outcome.found["sheets"][0]["row_count"] == 50_000
    assert rows_of(outcome)[-1] == [50_000, "text number 50000"]
    assert outcome.peak < 350 * MIB

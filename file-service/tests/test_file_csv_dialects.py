"""How CSV files are written: encodings, delimiters, quotes, line ends, headers."""

import codecs

import pytest
from csv_files import cells_of, names_of, rows_of, table_of, types_of

TEXT = "name,city\nJosé,Zürich\nÅsa,Malmö\nRené,Besançon\n"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "utf-8"),
        (TEXT.encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.encode("utf-16-be"), "utf-16-be"),
        (TEXT.encode("cp1252"), "cp1252"),
    ],
)
def test_every_encoding_is_read(data: bytes, encoding: str) -> None:
    table, facts = table_of(data)
    assert codecs.lookup(facts["encoding"]).name.removesuffix("-sig") == codecs.lookup(encoding).name
    assert names_of(facts) == ["name", "city"]
    assert rows_of(table) == [["José", "Zürich"], ["Åsa", "Malmö"], ["René", "Besançon"]]


def test_another_alphabet_is_recognised_by_its_letters() -> None:
    words = "имя,город\nАлександр,Москва\nЕкатерина,Санкт-Петербург\nДмитрий,Новосибирск\n"  # noqa: RUF001
    table, facts = table_of((words * 20).encode("cp1251"))
    assert names_of(facts) == ["имя", "город"]
    assert rows_of(table)[:1] == [["Александр", "Москва"]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_delimiter_is_recognised(delimiter: str) -> None:
    lines = [["id", "note", "price"], ["1", "a, b; c", "1.5"], ["2", "d", "2.5"]]
    text = "\n".join(delimiter.join(f'"{c}"' if delimiter in c else c for c in line) for line in lines)
    table, facts = table_of(text)
    assert facts["delimiter"] == delimiter
    assert rows_of(table) == [[1, "a, b; c", 1.5], [2, "d", 2.5]]


@pytest.mark.parametrize("text", ["1,5;2,5\n3,5;4,5\n", "a;b\n1,5;2,5\n", "a;b;c\n1,5;2,5;3\n1;2;3,0\n"])
def test_decimal_commas_do_not_split_fields(text: str) -> None:
    assert table_of(text)[1]["delimiter"] == ";"


def test_the_comma_inside_most_fields_is_not_the_delimiter() -> None:
    _, facts = table_of("a|b|c\nx, y|1|2\nx|1|2\nx, y, z|1|2\n")
    assert facts["delimiter"] == "|"


def test_excels_first_line_names_the_delimiter_and_is_no_row() -> None:
    table, facts = table_of("sep=;\r\na;b\r\n1,2;x,y\r\nbroken\r\n")
    assert (facts["delimiter"], names_of(facts)) == (";", ["a", "b"])
    assert rows_of(table) == [["1,2", "x,y"]]
    assert facts["broken_rows"][0]["line"] == 4


def test_the_name_tsv_decides_between_tabs_and_commas() -> None:
    text = "a,b\tc\n1,2\t3\n"
    assert table_of(text, filename="x.tsv")[1]["delimiter"] == "\t"
    assert table_of("a\n1\n", filename="x.tsv")[1]["delimiter"] == "\t"


def test_single_quotes_are_recognised_where_they_stand_around_fields() -> None:
    table, _ = table_of("id,name\n1,'Lee, Ann'\n2,'O''Hara'\n")
    assert rows_of(table) == [[1, "Lee, Ann"], [2, "O'Hara"]]


def test_an_apostrophe_is_no_quote() -> None:
    table, _ = table_of("id,name\n1,'tis\n2,O'Hara\n")
    assert rows_of(table) == [[1, "'tis"], [2, "O'Hara"]]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_one(end: str) -> None:
    table, facts = table_of(f'a,b{end}1,"x{end}y"{end}2,z')
    assert rows_of(table) == [[1, f"x{end}y"], [2, "z"]]
    assert facts["broken_row_count"] == 0


def test_line_ends_may_be_mixed_and_lines_blank() -> None:
    table, _ = table_of("a,b\r\n1,2\n\n3,4\r5,6\r\n\r\n")
    assert rows_of(table) == [[1, 2], [3, 4], [5, 6]]


def test_names_are_trimmed_made_up_and_told_apart() -> None:
    _, facts = table_of(f" id ,,name,name,name_2,{'x' * 600}\n1,2,3,4,5,6\n")
    assert names_of(facts) == ["id", "column_2", "name", "name_2", "name_2_2", "x" * 500]


@pytest.mark.parametrize("text", ["1,2\n3,4\n", "x,x\ny,z\n", "a,1\nb,2\n", ",\n1,2\n"])
def test_a_first_row_of_values_is_no_header(text: str) -> None:
    table, facts = table_of(text)
    assert not facts["header"]
    assert names_of(facts) == ["column_1", "column_2"]
    assert table.num_rows == 2


def test_texts_above_values_are_a_header_even_with_gaps() -> None:
    table, facts = table_of("id,,id\n1,2,3\n")
    assert (facts["header"], table.num_rows) == (True, 1)


def test_lines_above_the_table_are_broken_rows() -> None:
    table, facts = table_of("Report of 2026\n\nid,name,price\n1,a,2\n2,b,3\n")
    assert names_of(facts) == ["id", "name", "price"]
    assert facts["broken_rows"] == [{"line": 1, "reason": "1 fields instead of 3", "text": "Report of 2026"}]
    assert table.num_rows == 2


@pytest.mark.parametrize("data", [b"", b"\n\n\r\n", codecs.BOM_UTF8])
def test_an_empty_file_has_no_columns(data: bytes) -> None:
    table, facts = table_of(data)
    assert (facts["columns"], facts["row_count"], facts["header"]) == ([], 0, False)
    assert table.column_names == ["row"]


def test_a_header_alone_is_a_table_without_rows() -> None:
    table, facts = table_of("id,name\n")
    assert (names_of(facts), types_of(facts), facts["row_count"]) == (["id", "name"], ["string", "string"], 0)
    assert table.column_names == ["row", "c0", "c1"]


def test_one_column_needs_no_delimiter() -> None:
    table, _ = table_of("id\n1\n2\n")
    assert rows_of(table) == [[1], [2]]


def test_null_characters_are_kept() -> None:
    table, _ = table_of(b"a,b\nx\0y,1\n")
    assert cells_of(table) == [["x\0y", "1"]]


def test_the_first_letter_beyond_ascii_tells_the_encoding_however_late_it_comes() -> None:
    table, facts = table_of(b"id,name\n" + b"1,Smith\n" * 20_000 + "2,Müller\n2,Grüße\n".encode("cp1252"))
    assert (facts["encoding"], facts["broken_row_count"]) == ("cp1252", 0)
    assert rows_of(table)[-2:] == [[2, "Müller"], [2, "Grüße"]]

"""The conditions on rows: what they mean, and what is refused in them."""

import json
from collections.abc import Callable
from datetime import date, datetime
from operator import eq, ge, gt, le, lt, ne
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from row_tables import RowTable

from file_service.rows.columns import Column
from file_service.rows.errors import InvalidColumns, InvalidOrder, InvalidWhere
from file_service.rows.selection import Selection
from file_service.rows.where import where

COLUMNS = [
    Column("id", "integer"),
    Column("name", "string"),
    Column("amount", "number"),
    Column("paid", "boolean"),
    Column("day", "date"),
    Column("at", "datetime"),
    Column('odd "one", and', "string"),
    Column("größe", "integer"),
]


def test_and_binds_closer_than_or_and_not_closest() -> None:
    assert where("not id is null or id = 1 and paid = true", COLUMNS) == [
        "or", ["not", ["null", 0]], ["and", ["in", 0, 1], ["=", 3, True]],
    ]  # fmt: skip
    assert where("(id is null OR paid=TRUE) And NOT (id IS NOT NULL)", COLUMNS) == [
        "and", ["or", ["null", 0], ["=", 3, True]], ["not", ["not", ["null", 0]]],
    ]  # fmt: skip


def test_quotes_are_doubled_within_quotes_and_names_may_be_anything_in_them() -> None:
    assert where("""name = 'it''s'""", COLUMNS) == ["=", 1, "it's"]
    assert where(""""odd ""one"", and" contains ' and """.rstrip() + "'", COLUMNS) == ["contains", 6, " and"]
    assert where("größe > 3", COLUMNS) == [">=", 7, 4]
    assert where("name in ('a', 'b')", COLUMNS) == ["in", 1, "a", "b"]


def test_numbers_are_compared_with_integers_exactly() -> None:
    assert where("id > 1.5", COLUMNS) == [">=", 0, 2]
    assert where("id < 2.0", COLUMNS) == ["<=", 0, 1]
    assert where("id = 1.5", COLUMNS) == ["in", 0]
    assert where("id != 99999999999999999999", COLUMNS) == ["not", ["in", 0]]
    assert where("id >= 1e30", COLUMNS) == ["or"]
    assert where("id <= 9223372036854775807.5", COLUMNS) == ["<=", 0, 2**63 - 1]
    assert where("id in (9007199254740993, 1)", COLUMNS) == ["in", 0, 9007199254740993, 1]


def test_dates_and_times_are_iso_and_zones_are_taken_off() -> None:
    assert where("day >= '1970-01-03'", COLUMNS) == [">=", 4, 2]
    assert where("at < '1970-01-01T00:00:01.5'", COLUMNS) == ["<", 5, 1_500_000]
    assert where("at = '1970-01-01T02:00:00+02:00'", COLUMNS) == ["=", 5, 0]
    assert where("at = '0001-01-01T00:00:00+14:00'", COLUMNS) == ["=", 5, -62135596800000000 - 14 * 3600 * 10**6]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "the end"),
        ("id", "the end"),
        ("id = ", "the end"),
        ("id = 1 and", "the end"),
        ("(id = 1", "the end"),
        ("id = 1)", "character 7"),
        ("id = 1 id = 2", "character 8"),
        ("id == 1", "character 5"),
        ("id = id", "character 6"),
        ("id = null", "character 6"),
        ("1 = id", "character 1"),
        ("and = 1", "character 1"),
        ("name = 'never closed", "character 8"),
        ('name = "not a text"', "character 8"),
        ("name = 'a'; DROP TABLE piece", "character 11"),
        ("name = 'a' -- and more", "character 12"),
        ("name = 'a' union select 1", "character 12"),
        ("name like 'a'", "character 6"),
        ("lower(name) = 'a'", "character 6"),
        ("id in ()", "character 8"),
        ("id in (1,)", "character 10"),
        ("id in 1", "character 7"),
        ("id is 1", "character 7"),
        ("id = 1\x00", "character 7"),
        ("name = '\ud800'", "character 8"),
        ("nobody = 1", "character 1"),
        ("c0 = 1", "character 1"),
        ("Id = 1", "character 1"),
        ("name = 1", "character 8"),
        ("id = '1'", "character 6"),
        ("id in (1, 'a')", "character 11"),
        ("id = true", "character 6"),
        ("paid = 1", "character 8"),
        ("paid < true", "character 1"),
        ("amount contains 'a'", "character 1"),
        ("amount = 1e999", "character 10"),
        ("id = 1e9999", "character 6"),
        ("day = '2026-02-30'", "character 7"),
        ("day = '2026-01-01T00:00:00'", "character 7"),
        ("at = 'yesterday'", "character 6"),
        ("(" * 51 + "id = 1" + ")" * 51, "character 51"),
        ("not " * 3000, "longer than 4096 characters"),
        ("(" * 4000, "nested deeper than 50"),
        ("not " * 1000, "nested deeper than 50"),
        (f"id in ({','.join('1' * 1001)})", "more than 1000 values"),
        ("id = 1" + " or id = 1" * 500, "longer than 4096"),
        ("'" * 4095, "character"),
    ],
)
def test_what_is_no_condition_is_refused_and_told_where(text: str, place: str) -> None:
    with pytest.raises(InvalidWhere) as refused:
        where(text, COLUMNS)
    assert refused.value.status == 422
    assert place in str(refused.value)


@given(st.text(alphabet=" ()'\",=<>!.+-019eE_andornotiscu\n\x00é\ud800", max_size=200))
def test_no_text_at_all_does_more_than_be_refused(text: str) -> None:
    try:
        tree = where(text, COLUMNS)
    except InvalidWhere:
        return
    json.dumps(tree).encode()


def test_columns_and_orders_are_lists_of_names() -> None:
    asked = Selection.of(COLUMNS, columns='name, "odd ""one"", and",id', order_by='-amount,"name", -"odd ""one"", and"')
    assert asked.columns == (1, 6, 0)
    assert [(key.position, key.minus) for key in asked.order] == [(2, True), (1, False), (6, True)]
    minus = [Column("-id", "integer"), Column("id", "integer")]
    assert Selection.of(minus, columns="-id,id").columns == (0, 1)
    assert [key.position for key in Selection.of(minus, order_by='-id,"-id"').order] == [1, 0]


@pytest.mark.parametrize(
    "text", ["id,id", "nobody", ",", "id,", ",id", "id,,name", '"id', 'id"', "id name", '-"id"', "c0"]
)
def test_lists_with_unknown_repeated_or_empty_names_are_refused(text: str) -> None:
    with pytest.raises(InvalidColumns):
        Selection.of(COLUMNS, columns=text)


@pytest.mark.parametrize("text", ["--id", "id,-id", "id desc", "1", "id;", "(id)", "id nulls first", ","])
def test_orders_that_are_no_lists_of_names_are_refused(text: str) -> None:
    with pytest.raises(InvalidOrder):
        Selection.of(COLUMNS, order_by=text)


def test_rows_are_ordered_by_32_columns_at_most() -> None:
    many = [Column(f"n{number}", "integer") for number in range(33)]
    with pytest.raises(InvalidOrder):
        Selection.of(many, order_by=",".join(column.name for column in many))


# What a condition means, said once more and plainly: pairs of a text and what it is of a row.
Meaning = tuple[str, Callable[[list[Any]], bool]]
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {"=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
_TEXTS = st.text(alphabet="abAB'\"\\%_é√\n", max_size=4)
_CELLS: list[st.SearchStrategy[Any]] = [
    st.integers(-5, 5) | st.sampled_from([2**63 - 1, -(2**63), 2**53 + 1]),
    _TEXTS,
    st.sampled_from([-1.5, 0.0, 0.1, 2.0, 1e300]),
    st.booleans(),
    st.dates(date(1969, 12, 30), date(1970, 1, 3)),
    st.datetimes(datetime(1969, 12, 31), datetime(1970, 1, 1, 1)),  # noqa: DTZ001 - the column knows no zone
]


def _written(value: Any) -> str:
    match value:
        case bool():
            return str(value).upper()
        case int() | float():
            return repr(value)
        case str():
            return "'" + value.replace("'", "''") + "'"
        case _:
            return f"'{value.isoformat()}'"


@st.composite
def comparisons(draw: st.DrawFn) -> Meaning:
    place = draw(st.integers(0, 5))
    operators = [*_OPERATORS, "in", "is null", "is not null"] + ["contains"] * (place == 1)
    operator = draw(st.sampled_from([one for one in operators if place != 3 or one[0] not in "<>"]))
    name = COLUMNS[place].name

    def cell(row: list[Any]) -> Any:
        return row[place]

    if operator.startswith("is"):
        return f"{name} {operator}", lambda row: (cell(row) is None) == (operator == "is null")
    values = draw(st.lists(_CELLS[place] if place else _CELLS[0] | _CELLS[2], min_size=1, max_size=3))
    if operator == "in":
        return f"{name} in ({', '.join(map(_written, values))})", lambda row: cell(row) in values
    text = f"{name} {operator} {_written(values[0])}"
    if operator == "contains":
        return text, lambda row: cell(row) is not None and values[0].lower() in cell(row).lower()
    if operator == "!=":
        return text, lambda row: cell(row) != values[0]
    return text, lambda row: cell(row) is not None and _OPERATORS[operator](cell(row), values[0])


def _joined(parts: st.SearchStrategy[Meaning]) -> st.SearchStrategy[Meaning]:
    def both(pair: tuple[Meaning, Meaning]) -> Meaning:
        (one, first), (other, second) = pair
        return f"({one} and {other})", lambda row: first(row) and second(row)

    def either(pair: tuple[Meaning, Meaning]) -> Meaning:
        (one, first), (other, second) = pair
        return f"({one} or {other})", lambda row: first(row) or second(row)

    pairs = st.tuples(parts, parts)
    return pairs.map(both) | pairs.map(either) | parts.map(lambda one: (f"not {one[0]}", lambda row: not one[1](row)))


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(comparisons(), _joined, max_leaves=5),
    st.lists(st.tuples(*(st.none() | cell for cell in _CELLS)), min_size=1, max_size=12),
)
def test_a_condition_finds_the_rows_that_it_means_also_where_statistics_tell(
    meaning: Meaning, cells: list[tuple[Any, ...]]
) -> None:
    text, holds = meaning
    table = RowTable(COLUMNS[:6], cells, group=3)
    page = table.page(condition=text, columns="id")
    assert [row[0] for row in page["rows"]] == [row[0] for row in cells if holds(list(row))]
    assert page["row_count"] == len(page["rows"])

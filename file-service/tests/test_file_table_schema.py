"""Tables checked against a Table Schema: what is wrong, where, in the words of Frictionless."""

from typing import Any

import pytest
from csv_files import cells_of, names_of, rows_of, table_of, types_of
from parsing import MIB, parsed

from file_service.parsers.contract import Refused
from file_service.parsers.tables import uniqueness

PEOPLE = "id,name,born,score,member\n1,Ana,1990-01-02,1.5,true\n2,Bo,1991-02-03,2,false\n"


def schema(*fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"fields": list(fields), **more}


def field(name: str, kind: str = "string", **constraints: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "constraints": constraints}


def checked(text: str, schema: dict[str, Any]) -> Any:
    _, facts = table_of(text, schema=schema)
    return facts["validation"]


def errors_of(text: str, schema: dict[str, Any]) -> list[tuple[int, str | None, str]]:
    return [(error["line"], error["column"], error["code"]) for error in checked(text, schema)["errors"]]


def test_a_table_that_fits_its_schema_is_valid() -> None:
    fields = [
        field("id", "integer"),
        field("name"),
        field("born", "date"),
        field("score", "number"),
        field("member", "boolean"),
    ]
    table, facts = table_of(PEOPLE, schema=schema(*fields))
    assert facts["validation"] == {"valid": True, "error_count": 0, "errors": [], "unchecked": []}
    assert types_of(facts) == ["integer", "string", "date", "number", "boolean"]
    assert rows_of(table)[0][:2] == [1, "Ana"]


def test_the_schemas_types_replace_inference() -> None:
    table, facts = table_of("code,count\n1,2\n", schema=schema(field("code"), field("count", "number")))
    assert types_of(facts) == ["string", "number"]
    assert rows_of(table) == [["1", 2.0]]


def test_cells_that_do_not_fit_are_errors_and_null_and_kept_as_they_stood() -> None:
    table, facts = table_of(
        "id,day\n1,2026-01-02\nx,2026-02-30\n,\n", schema=schema(field("id", "integer"), field("day", "date"))
    )
    assert facts["validation"]["errors"] == [
        {"line": 3, "column": "id", "code": "type-error", "message": '"x" is not an integer'},
        {"line": 3, "column": "day", "code": "type-error", "message": '"2026-02-30" is not a date'},
    ]
    assert [row[0] for row in rows_of(table)] == [1, None, None]
    assert cells_of(table) == [["1", "2026-01-02"], ["x", "2026-02-30"], ["", ""]]


def test_where_types_are_given_more_ways_to_write_them_are_accepted() -> None:
    fields = [field("a", "integer"), field("b", "number"), field("c", "boolean")]
    table, facts = table_of("a,b,c\n007,+5.,1\n+8,1e3,FALSE\n", schema=schema(*fields))
    assert facts["validation"]["valid"]
    assert rows_of(table) == [[7, 5.0, True], [8, 1000.0, False]]
    assert cells_of(table) == [["007", "+5.", "1"], ["+8", "1e3", "FALSE"]]


def test_missing_and_extra_labels_are_told() -> None:
    assert errors_of("a,b\n1,2\n", schema(field("a", "integer"), field("c"))) == [
        (1, "c", "missing-label"),
        (1, "b", "extra-label"),
    ]


def test_a_label_that_looks_like_a_value_makes_a_header_all_the_same() -> None:
    _, facts = table_of("country,1990\nx,1\n", schema=schema(field("country"), field("1990", "integer")))
    assert (facts["header"], names_of(facts), facts["validation"]["valid"]) == (True, ["country", "1990"], True)


def test_missing_values_are_null_and_kept_as_they_stood() -> None:
    fields = [field("a", "integer"), field("b")]
    table, facts = table_of("a,b\nNA,-\n1,x\n", schema=schema(*fields, missingValues=["NA", "-"]))
    assert facts["validation"]["valid"]
    assert rows_of(table) == [[None, None], [1, "x"]]
    assert cells_of(table) == [["NA", "-"], ["1", "x"]]


@pytest.mark.parametrize(
    ("kind", "constraints", "good", "bad"),
    [
        ("string", {"required": True}, "x", ""),
        ("integer", {"required": True}, "0", ""),
        ("string", {"minLength": 2}, "éé", "é"),
        ("string", {"maxLength": 2}, "éé", "ééé"),
        ("integer", {"minimum": 5}, "5", "4"),
        ("integer", {"maximum": "5"}, "5", "6"),
        ("number", {"minimum": 0.5}, "0.5", "0.4"),
        ("date", {"minimum": "2026-01-02"}, "2026-01-02", "2026-01-01"),
        ("datetime", {"maximum": "2026-01-02T00:00:00Z"}, "2026-01-02T00:00:00Z", "2026-01-02T00:00:00-01:00"),
        ("string", {"pattern": "[a-z]+[0-9]?"}, "abc1", "abc12"),
        ("string", {"enum": ["a", "b"]}, "a", "c"),
        ("integer", {"enum": [1, "2"]}, "2", "3"),
        ("boolean", {"enum": [True]}, "true", "false"),
        ("any", {"enum": ["1"]}, "1", "2"),
    ],
)
def test_each_constraint_is_checked(kind: str, constraints: dict[str, Any], good: str, bad: str) -> None:
    text = f'k,value\nx,"{good}"\nx,"{bad}"\n'
    result = checked(text, schema(field("k"), field("value", kind, **constraints)))
    assert [(error["line"], error["code"]) for error in result["errors"]] == [(3, "constraint-error")]
    assert next(iter(constraints)) in result["errors"][0]["message"]


def test_unique_values_are_compared_as_values() -> None:
    text = "id,x\n1,a\n2,a\n01,a\n,a\n,a\n"
    assert errors_of(text, schema(field("id", "integer", unique=True), field("x"))) == [(4, "id", "unique-error")]


def test_a_primary_key_is_required_and_unique() -> None:
    text = "id,x\n1,a\n1,a\n,a\n"
    assert errors_of(text, schema(field("id", "integer"), field("x"), primaryKey="id")) == [
        (3, "id", "unique-error"),
        (4, "id", "constraint-error"),
    ]


def test_a_key_of_two_columns_is_unique_together() -> None:
    text = "a,b\n1,1\n1,2\n1,1\n"
    assert errors_of(text, schema(field("a"), field("b"), primaryKey=["a", "b"])) == [(4, None, "primary-key")]


def test_broken_rows_are_errors_in_their_place() -> None:
    text = "id,x\n1,a\n2\ny,c\n"
    assert errors_of(text, schema(field("id", "integer"), field("x"))) == [
        (3, None, "row-error"),
        (4, "id", "type-error"),
    ]


def test_all_errors_are_counted_and_100_shown() -> None:
    result = checked("id,x\n" + "a,b\n" * 5000, schema(field("id", "integer"), field("x")))
    assert (result["valid"], result["error_count"], len(result["errors"])) == (False, 5000, 100)


def test_it_is_said_when_there_were_too_many_values_to_tell_whether_they_repeat() -> None:
    allowance = uniqueness.Allowance(3)
    seen = uniqueness.Uniqueness(allowance)
    assert seen.repeated(["a", "b", "a", None, None]) == [False, False, True, False, False]
    assert seen.checked
    assert seen.repeated(["c", "d", "a"]) == [False, False, False]
    assert not seen.checked


@pytest.mark.parametrize(
    ("bad", "named"),
    [
        ({}, "fields"),
        ([], "fields"),
        ({"fields": [{"type": "string"}]}, "name"),
        (schema(field("a"), field("a")), "one name"),
        (schema(field("a", "year")), "year"),
        (schema(field("a", "geopoint")), "geopoint"),
        (schema({"name": "a", "format": "email"}), "email"),
        (schema({"name": "a", "type": "number", "decimalChar": ","}), "decimalChar"),
        (schema(field("a", jsonSchema={})), "jsonSchema"),
        (schema(field("a", "integer", minLength=1)), "minLength"),
        (schema(field("a", minLength="x")), "'x'"),
        (schema(field("a", "integer", minimum="x")), "minimum"),
        (schema(field("a", "integer", enum=["x"])), "enum"),
        (schema(field("a", enum="x")), "enum"),
        (schema(field("a", pattern="(")), "pattern"),
        (schema(field("a", pattern=r"(x)\1")), "pattern"),
        (schema(field("a"), foreignKeys=[]), "foreignKeys"),
        (schema(field("a"), primaryKey="b"), "primaryKey"),
        (schema(field("a"), missingValues="x"), "missingValues"),
    ],
)
def test_what_cannot_be_checked_is_refused_by_name(bad: Any, named: str) -> None:
    with pytest.raises(Refused, match=r"The schema cannot be checked") as refusal:
        table_of("a\nx\n", schema=bad)
    assert refusal.value.reason == "unsupported"
    assert named in refusal.value.detail


def test_a_pattern_takes_time_in_proportion_to_the_text() -> None:
    data = b"a,b\n" + (b"a" * 60 + b"!,1\n") * 10_000
    options = {"schema": schema(field("a", pattern="(a+)+"), field("b", "integer", unique=True))}
    outcome = parsed("csv", data, options=options, seconds=10)
    assert outcome.found["validation"]["error_count"] == 19_999
    assert outcome.peak < 350 * MIB

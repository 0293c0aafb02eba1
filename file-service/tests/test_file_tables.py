"""Tables in files: shown at once, paged while they are small, and at any size once they are copied."""

import json
import os
from datetime import date
from io import BytesIO
from typing import Any

import httpx2
import openpyxl
import pytest
from file_client import FileClient
from leftovers import Leftovers

PEOPLE = b"id,name,born\r\n1,Ada,1815-12-10\r\n2,Grace,1906-12-09\r\n3,Alan,1912-06-23\r\n"
COLUMNS = [
    {"name": "id", "type": "integer"},
    {"name": "name", "type": "string"},
    {"name": "born", "type": "date"},
]
ROWS = [[1, "Ada", "1815-12-10"], [2, "Grace", "1906-12-09"], [3, "Alan", "1912-06-23"]]


async def csv(client: FileClient, content: bytes = PEOPLE, name: str = "people.csv", **fields: str) -> dict[str, Any]:
    files = {"file": (name, content, "text/csv")}
    answer = await client.http.post(
        f"{client.origin}/files/upload/csv", files=files, data=fields, headers=client.headers
    )
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_an_upload_tells_how_the_table_begins(ada: FileClient) -> None:
    told = await csv(ada)
    assert (told["columns"], told["rows"], told["row_count"]) == (COLUMNS, ROWS, 3)
    assert told["file"]["path"] == "people.csv"
    assert told["broken_row_count"] == 0


async def test_a_small_table_is_paged_before_it_is_copied(ada: FileClient) -> None:
    file = (await csv(ada))["file"]
    answer = await ada.get(f"/files/{file['id']}/rows", offset=1, limit=1)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"columns": COLUMNS, "rows": [ROWS[1]], "row_count": 3}


@pytest.mark.usefixtures("worker")
async def test_a_copied_table_is_paged_filtered_sorted_and_projected(ada: FileClient) -> None:
    file = (await csv(ada))["file"]
    derived = await ada.derived(file["id"])
    assert derived["csv"]["state"] == "done", derived
    assert derived["csv"]["facts"]["row_count"] == 3
    answer = await ada.get(
        f"/files/{file['id']}/rows", where="born >= '1900-01-01' and not name = 'x'", order_by="-id", columns="name,id"
    )
    assert answer.json() == {"columns": [COLUMNS[1], COLUMNS[0]], "rows": [["Alan", 3], ["Grace", 2]], "row_count": 2}


@pytest.mark.usefixtures("worker")
async def test_derived_objects_cost_no_quota_and_go_with_their_file(ada: FileClient, leftovers: Leftovers) -> None:
    file = (await csv(ada))["file"]
    await ada.derived(file["id"])
    assert await ada.usage() == (len(PEOPLE), 1)
    assert len(leftovers.objects()) == 2
    await ada.delete(f"/files/{file['id']}", permanent=True)
    assert await leftovers.freed() == set()


async def rows(client: FileClient, file: str, accept: str = "application/json", **params: Any) -> httpx2.Response:
    headers = client.headers | {"Accept": accept}
    return await client.http.get(f"{client.origin}/files/{file}/rows", params=params, headers=headers)


@pytest.mark.usefixtures("worker")
async def test_a_selection_is_exported_cell_for_cell(ada: FileClient) -> None:
    content = b'id;price;note\n1;1.10;=1+1\n2;2.50E3;"a\nb"\n3;;x\n'
    file = (await csv(ada, content))["file"]["id"]
    await ada.derived(file)
    exported = await rows(ada, file, "text/csv", where="id < 3")
    assert exported.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert exported.text == 'id,price,note\r\n1,1.10,=1+1\r\n2,2.50E3,"a\nb"\r\n'
    harmless = await rows(ada, file, "text/csv", where="id = 1", formula_safe=True)
    assert harmless.text.splitlines()[1] == "1,1.10,'=1+1"
    lines = (await rows(ada, file, "application/x-ndjson", columns="note,price")).text.splitlines()
    assert [json.loads(line) for line in lines] == [
        {"note": "=1+1", "price": 1.1},
        {"note": "a\nb", "price": 2500.0},
        {"note": "x", "price": None},
    ]
    assert (await rows(ada, file, "image/png")).status_code == 406


async def test_broken_rows_are_shown_by_line_and_not_lost_in_silence(ada: FileClient) -> None:
    told = await csv(ada, b"id,name\n1,Ada\n2\n3,Alan,x\n4,Grace\n")
    assert told["rows"] == [[1, "Ada"], [4, "Grace"]]
    assert told["broken_row_count"] == 2
    assert [(one["line"], one["text"]) for one in told["broken_rows"]] == [(3, "2"), (4, "3,Alan,x")]


async def test_rows_are_judged_by_the_schema_that_came_with_them(ada: FileClient) -> None:
    schema = {"fields": [{"name": "id", "type": "integer"}, {"name": "born", "type": "date"}]}
    told = await csv(ada, b"id,born\n1,2001-01-01\n2,soon\n", schema=json.dumps(schema))
    assert told["validation"]["valid"] is False
    assert [(one["line"], one["column"], one["code"]) for one in told["validation"]["errors"]] == [
        (3, "born", "type-error")
    ]
    files = {"file": ("a.csv", b"id\n1\n", "text/csv")}
    for wrong in ("[]", "{", "1", '{"x": NaN}', '{"x": 1e400}', '{"x": "\\u0000"}'):
        answer = await ada.http.post(
            f"{ada.origin}/files/upload/csv", files=files, data={"schema": wrong}, headers=ada.headers
        )
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:problem-type:strongroom:invalid-schema")


async def test_what_is_no_table_is_refused_and_not_kept(ada: FileClient, leftovers: Leftovers) -> None:
    for content in (b"\x89PNG\r\n\x1a\n" + os.urandom(500), b"PK\x03\x04" + os.urandom(500)):
        files = {"file": ("a.csv", content, "text/csv")}
        answer = await ada.http.post(f"{ada.origin}/files/upload/csv", files=files, headers=ada.headers)
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:problem-type:strongroom:unreadable-file")
    assert await ada.usage() == (0, 0)
    assert leftovers.objects() == set()


@pytest.mark.usefixtures("worker")
async def test_the_sheets_of_a_workbook_are_tables(ada: FileClient) -> None:
    book = openpyxl.Workbook()
    book.active.append(["id", "name"])
    book.active.append([1, "Ada"])
    second = book.create_sheet("other")
    second.append(["on", "amount"])
    second.append([date(2026, 1, 2), 2.5])
    written = BytesIO()
    book.save(written)
    file = (await ada.put("book.xlsx", written.getvalue())).json()["id"]
    derived = await ada.derived(file)
    assert {name: one["state"] for name, one in derived.items()} == {"document": "done", "xlsx": "done"}, derived
    assert (await rows(ada, file)).json()["rows"] == [[1, "Ada"]]
    assert (await rows(ada, file, sheet=2)).json()["rows"] == [["2026-01-02", 2.5]]
    assert (await rows(ada, file, sheet=3)).status_code == 404


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ({"where": "id ="}, "invalid-where"),
        ({"where": "id = 1; drop table files"}, "invalid-where"),
        ({"where": "nobody = 1"}, "invalid-where"),
        ({"columns": "nobody"}, "invalid-columns"),
        ({"order_by": "-nobody"}, "invalid-order-by"),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused_by_name(
    ada: FileClient, asked: dict[str, str], problem: str
) -> None:
    file = (await csv(ada))["file"]["id"]
    answer = await rows(ada, file, **asked)
    assert (answer.status_code, answer.json()["type"]) == (422, f"urn:problem-type:strongroom:{problem}")


@pytest.mark.usefixtures("worker")
async def test_whoever_hangs_up_in_the_middle_of_an_export_leaves_nothing_busy(ada: FileClient) -> None:
    content = b"id,text\n" + b"".join(b"%d,%s\n" % (number, b"x" * 200) for number in range(50_000))
    file = (await csv(ada, content))["file"]["id"]
    await ada.derived(file)
    url = f"{ada.origin}/files/{file}/rows"
    for _ in range(8):  # more than there are processes
        async with ada.http.stream("GET", url, headers=ada.headers | {"Accept": "text/csv"}) as answer:
            assert answer.status_code == 200
            await anext(answer.aiter_raw(1000))
    assert len((await rows(ada, file, "text/csv")).text.splitlines()) == 50_001

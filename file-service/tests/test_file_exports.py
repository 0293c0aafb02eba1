"""The listing as CSV: the same files, in the same order, in the words of their JSON, and harmless to a spreadsheet."""

import csv
import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import httpx2
import pytest
from file_client import FileClient

from file_service.exports import service

FILES = {
    'reports/2026/räksmörgås, "q3".csv': ["draft", "a, b"],
    "reports/報告書.txt": [],
    "photo.png": ["draft"],
    "a": [],
    "b": ['say "hi"'],
}
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\uff1d1", "\uff0d2", "=cmd|' /C calc'!A0"]
LISTS: list[dict[str, Any]] = [
    {},
    {"sort": "name"},
    {"sort": "-size"},
    {"prefix": "reports/"},
    {"q": "photo"},
    {"tag": "draft"},
    {"content_type": "text/*"},
    {"trashed": True},
    {"q": "nothing has this name"},
]


@pytest.fixture
async def filled(ada: FileClient, monkeypatch: pytest.MonkeyPatch) -> FileClient:
    monkeypatch.setattr(service, "_PAGE", 2)
    for path, tags in FILES.items():
        file = (await ada.upload(path.encode(), path=path)).json()["id"]
        assert (await ada.patch(f"/files/{file}", tags=tags, metadata={"of": [path]})).status_code == 200
    gone = (await ada.upload(b"x", path="gone")).json()["id"]
    assert (await ada.delete(f"/files/{gone}")).status_code == 204
    return ada


def table(answer: httpx2.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["content-disposition"] == 'attachment; filename="files.csv"'
    assert answer.content.endswith(b"\r\n")
    return list(csv.DictReader(StringIO(answer.content.decode(), newline=""), strict=True))


def as_json(row: dict[str, str]) -> dict[str, Any]:
    texts = {"tags", "metadata", "size", "version"}
    return {name: json.loads(value) if name in texts else value for name, value in row.items()}


@pytest.mark.parametrize("asked", LISTS)
async def test_it_tells_of_the_same_files_what_their_json_tells(filled: FileClient, asked: dict[str, Any]) -> None:
    answer = await filled.get("/files/export/csv", **asked)
    listed = (await filled.get("/files", limit=100, **asked)).json()["items"]
    assert [as_json(row) for row in table(answer)] == listed


async def test_an_empty_list_has_its_columns(ada: FileClient) -> None:
    answer = await ada.get("/files/export/csv")
    assert table(answer) == []
    file = (await ada.upload(b"x")).json()
    assert answer.text == ",".join(file) + "\r\n"


async def test_no_name_is_run_by_a_spreadsheet(ada: FileClient) -> None:
    for name in FORMULAS:
        assert (await ada.upload(b"x", path=f"cells/{name.replace('/', '_')}")).status_code == 201
        assert (await ada.upload(b"x", path=name)).status_code == 201
    rows = table(await ada.get("/files/export/csv"))
    assert rows
    for row in rows:
        assert not [cell for cell in row.values() if cell.startswith(tuple("=+-@\uff1d\uff0b\uff0d\uff20"))]
    asis = table(await ada.get("/files/export/csv", formula_safe=False))
    paths = await ada.paths()
    assert [row["path"] for row in asis] == paths
    assert [row["path"].removeprefix("'") for row in rows] == paths


async def test_it_is_one_accounts_own_list(client_of: Callable[..., FileClient], filled: FileClient) -> None:
    stranger = client_of()
    assert table(await stranger.get("/files/export/csv")) == []
    assert (await FileClient(filled.http, filled.origin, None).get("/files/export/csv")).status_code == 401
    assert (await client_of(scope="files:write").get("/files/export/csv")).status_code == 403


@pytest.mark.parametrize("asked", [{"sort": "owner"}, {"q": "\0"}, {"tag": ["x"] * 11}, {"formula_safe": "perhaps"}])
async def test_a_wrong_question_is_refused_before_anything_is_sent(ada: FileClient, asked: dict[str, Any]) -> None:
    answer = await ada.get("/files/export/csv", **asked)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"

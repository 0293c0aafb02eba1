"""Tables in files: shown at once, paged while they are small, and at any size once they are copied."""

from typing import Any

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


@pytest.mark.usefixtures("working")
async def test_a_copied_table_is_paged_filtered_sorted_and_projected(ada: FileClient) -> None:
    file = (await csv(ada))["file"]
    derived = await ada.derived(file["id"])
    assert derived["csv"]["state"] == "done", derived
    assert derived["csv"]["facts"]["row_count"] == 3
    answer = await ada.get(
        f"/files/{file['id']}/rows", where="born >= '1900-01-01' and not name = 'x'", order_by="-id", columns="name,id"
    )
    assert answer.json() == {"columns": [COLUMNS[1], COLUMNS[0]], "rows": [["Alan", 3], ["Grace", 2]], "row_count": 2}


@pytest.mark.usefixtures("working")
async def test_derived_objects_cost_no_quota_and_go_with_their_file(ada: FileClient, leftovers: Leftovers) -> None:
    file = (await csv(ada))["file"]
    await ada.derived(file["id"])
    assert await ada.usage() == (len(PEOPLE), 1)
    assert len(leftovers.objects()) == 2
    await ada.delete(f"/files/{file['id']}", permanent=True)
    assert await leftovers.freed() == set()

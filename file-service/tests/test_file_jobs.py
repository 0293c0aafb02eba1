"""Administrators see what is to be done and what was given up, and can have it tried again."""

from collections.abc import Callable

import pytest
from file_client import FileClient

from strongroom.database import Database


@pytest.fixture
def admin(client_of: Callable[..., FileClient]) -> FileClient:
    return client_of(roles=["admin"], scope="admin files:read files:write")


async def failed(database: Database, reason: str) -> int:
    """The one job there is was given up."""
    async with database.begin() as tx:
        update = "update files.pgqueuer set status = 'failed', attempts = 3 where entrypoint = 'derive' returning id"
        job = (await tx.exec_driver_sql(update)).scalar_one()
        await tx.exec_driver_sql(
            "insert into files.pgqueuer_log (job_id, status, priority, entrypoint, traceback) values "
            f"({job}, 'failed', 0, 'derive', jsonb_build_object('exception_message', '{reason}'))"
        )
    return int(job)


async def test_what_was_given_up_is_shown_with_its_reason_and_tried_again(
    ada: FileClient, admin: FileClient, database: Database
) -> None:
    await ada.upload(b"words", "a.txt")
    (waiting,) = (await admin.get("/files/jobs")).json()["items"]
    assert (waiting["name"], waiting["state"], waiting["reason"]) == ("derive", "queued", None)
    job = await failed(database, "store-unavailable")
    (dead,) = (await admin.get("/files/jobs", state="failed")).json()["items"]
    assert (dead["id"], dead["reason"], dead["attempts"]) == (job, "store-unavailable", 3)
    assert (await admin.post(f"/files/jobs/{job}/retry")).status_code == 204
    assert (await admin.get("/files/jobs", state="failed")).json()["items"] == []
    assert (await admin.post(f"/files/jobs/{job}/retry")).status_code == 404


async def test_jobs_are_listed_page_by_page(ada: FileClient, admin: FileClient) -> None:
    for number in range(5):
        await ada.upload(b"words", f"{number}.txt")
    seen, cursor = [], None
    while True:
        page = (await admin.get("/files/jobs", limit=2, **({"cursor": cursor} if cursor else {}))).json()
        seen += [one["id"] for one in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) == 5


async def test_nobody_else_sees_them(ada: FileClient) -> None:
    assert (await ada.get("/files/jobs")).status_code == 403
    assert (await ada.post("/files/jobs/1/retry")).status_code == 403

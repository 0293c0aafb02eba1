"""A deleted account leaves nothing, whatever it had and whatever was going on, and nothing of it comes back."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from direct_client import DirectClient
from file_client import FileClient
from leftovers import Leftovers
from million import fill
from picture_builder import halves, saved
from plain_settings import plain
from sqlalchemy import Table, func, or_, select, update
from starlette.types import ASGIApp
from test_file_text_search import GERMAN
from tus_client import TusClient, slug

from file_service.app import create_app
from file_service.database.tables import metadata, owners
from file_service.files.freeing import Freeing
from file_service.purging.service import Purging
from file_service.resumable.releasing import Releasing
from file_service.settings import FileSettings, WorkerSettings
from file_service.sharing.service import Sharing
from file_service.storage.minio_object_store import MinioObjectStore
from file_service.usage import repository as owned
from file_service.usage.service import Quotas
from file_service.work import working
from strongroom.database import Database
from strongroom.database.jobs import JobQueue

Clients = Callable[..., FileClient]

MIB = 1024 * 1024
WHOSE = ("owner_id", "grantee_id")


@pytest.fixture
async def origin(published: FileSettings, serve: Callable[[ASGIApp], Awaitable[str]]) -> str:
    return await serve(create_app(published))


@pytest.fixture
def bob(client_of: Clients) -> FileClient:
    return client_of()


@pytest.fixture
def purger(client_of: Clients) -> FileClient:
    """The auth service."""
    return client_of(scope="files:purge", roles=[], sid=None)


@pytest.fixture
def quotas(database: Database) -> Quotas:
    return Quotas(database, default=10**12)


@pytest.fixture
def purging(database: Database, store: MinioObjectStore, quotas: Quotas) -> Purging:
    """In the smallest portions."""
    jobs = JobQueue(database, "files")
    freeing = Freeing(database, jobs, store)
    return Purging(quotas, freeing, Releasing(jobs, freeing, store), Sharing(database, quotas), at_once=1)


async def purge(purger: FileClient, subject: str) -> httpx2.Response:
    return await purger.delete(f"/files/internal/owners/{subject}")


async def purged(purger: FileClient, *clients: FileClient) -> None:
    for client in clients:
        answer = await purge(purger, client.account)
        assert (answer.status_code, answer.content) == (204, b"")


def of(table: Table, account: str) -> Any:
    return or_(*(table.c[name] == UUID(account) for name in WHOSE if name in table.c))


async def rows(database: Database, account: str) -> dict[str, int]:
    """How many there are of the account in each table that says whose its rows are."""
    tables = [table for table in metadata.sorted_tables if any(name in table.c for name in WHOSE)]
    async with database.reading() as connection:
        return {
            table.name: (
                await connection.execute(select(func.count()).select_from(table).where(of(table, account)))
            ).scalar_one()
            for table in tables
        }


async def share(client: FileClient, file_id: str, account: str, permission: str = "write") -> httpx2.Response:
    return await client.post(f"/files/{file_id}/shares", {"account_id": account, "permission": permission})


async def limit(client_of: Clients, account: str, quota: int) -> httpx2.Response:
    admin = client_of(scope="admin")
    url = f"{admin.origin}/files/usage/{account}"
    return await admin.http.put(url, json={"quota": quota}, headers=admin.headers)


async def furnish(client: FileClient, other: FileClient, quotas: Quotas, client_of: Clients) -> None:
    """Something of all that an account can have; also what `other` gave it."""
    assert (await limit(client_of, client.account, 10**9)).status_code == 200
    text = (await client.put("a/text.txt", b"first")).json()["id"]
    await client.put("a/text.txt", GERMAN.encode())
    picture = (await client.put("b.png", saved(halves((40, 30)), "PNG"))).json()["id"]
    gone = (await client.put("trash.bin", bytes(100))).json()["id"]
    await client.delete(f"/files/{gone}")
    for where in (f"/files/{text}/links", "/files/links"):
        assert (await client.post(where, {} if text in where else {"folder": "a"})).status_code == 201
    assert (await share(client, picture, other.account)).status_code == 201
    wanted = {"url": "https://hooks.invalid/", "types": ["quota.updated"]}
    hook = (await client.post("/files/webhooks", wanted)).json()["id"]
    assert (await client.post(f"/files/webhooks/{hook}/test")).status_code == 202
    theirs = (await other.put("theirs", b"x")).json()["id"]
    assert (await share(other, theirs, client.account)).status_code == 201
    tus, direct = TusClient(client), DirectClient(client)
    path = await tus.created(19 * MIB)
    assert (await tus.patch(path, 0, bytes(9 * MIB))).status_code == 204  # parts and a tail
    await direct.send(await direct.created(17 * MIB), bytes(17 * MIB))
    await client.derived(text)
    await client.derived(picture)


@pytest.mark.usefixtures("worker")
async def test_no_row_and_no_object_of_the_account_is_left(
    ada: FileClient,
    bob: FileClient,
    purger: FileClient,
    quotas: Quotas,
    client_of: Clients,
    database: Database,
    leftovers: Leftovers,
) -> None:
    await furnish(bob, client_of(), quotas, client_of)
    await furnish(ada, bob, quotas, client_of)
    await leftovers.idle()
    before, others = await rows(database, ada.account), await rows(database, bob.account)
    assert min(before.values()) > 0, f"make a row of each, and remove it in purging/: {before}"
    objects, unfinished = leftovers.objects(), leftovers.unfinished_uploads()

    await purged(purger, ada)
    after = await rows(database, ada.account)
    assert after == dict.fromkeys(after, 0) | {"owners": 1}
    async with database.reading() as connection:
        (stone,) = (await connection.execute(select(owners).where(of(owners, ada.account)))).mappings()
    left = {name: value for name, value in stone.items() if name not in {"owner_id", "purged_at"}}
    assert left == {"bytes": 0, "file_count": 0, "quota": None, "last_event": 0}
    assert stone["purged_at"] <= datetime.now(UTC)

    await leftovers.idle()
    assert leftovers.objects() == {key for key in objects if ada.account not in key} != objects
    assert leftovers.unfinished_uploads() == [key for key in unfinished if ada.account not in key] != unfinished
    # Nobody else lost anything, but for the two shares between them; of his own Bob is told.
    changed = {"shares": others["shares"] - 2, "events": others["events"] + 1}
    assert await rows(database, bob.account) == others | changed
    assert (await bob.download((await bob.get("/files", prefix="theirs")).json()["items"][0]["id"])).content == b"x"


async def test_what_was_kept_since_goes_as_well(
    ada: FileClient, bob: FileClient, purger: FileClient, purging: Purging, database: Database
) -> None:
    await bob.put("a", b"x")
    await purged(purger, ada)
    # The release before looks at no tombstone: to it she is as anybody else.
    await bury(database, ada.account, None)
    assert (await ada.put("late", b"x")).status_code == 201
    await bury(database, ada.account, datetime.now(UTC))
    await purging.purge_again()
    after = await rows(database, ada.account)
    assert after == dict.fromkeys(after, 0) | {"owners": 1}
    assert await bob.usage() == (1, 1)


async def bury(database: Database, account: str, when: datetime | None) -> None:
    async with database.begin() as tx:
        await tx.execute(update(owners).where(of(owners, account)).values(purged_at=when))


async def test_every_table_with_somebody_s_rows_says_whose(database: Database) -> None:
    """By a column that the test above looks at, or by a parent whose removal takes them along."""
    silent = {"rounds"}  # of nobody
    for table in metadata.sorted_tables:
        kin = {key.column.table.name for key in table.foreign_keys if key.ondelete == "CASCADE"}
        told = any(name in table.c for name in WHOSE) or kin or table.name in silent
        assert told or table.name == "derived_objects", table.name  # whose key cascades in the migration alone


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"scope": "admin files:read files:write", "roles": ["admin"]},
        {"scope": "files:purge files:write", "roles": ["admin"]},  # of a person, for it has a session
        {"scope": "files:purges", "sid": None},
        {"scope": "files:read files:write", "sid": None},
    ],
)
async def test_nobody_else_may(ada: FileClient, client_of: Clients, claims: dict[str, Any]) -> None:
    await ada.put("a", b"x")
    for client in (client_of(**claims), client_of(**claims, sub=ada.account)):
        assert (await purge(client, ada.account)).status_code == 403
    assert await ada.usage() == (1, 1)


async def test_who_says_nothing_of_themselves_is_asked_who_they_are(ada: FileClient) -> None:
    nobody = FileClient(ada.http, ada.origin, None)
    assert (await purge(nobody, ada.account)).status_code == 401


async def test_it_is_not_for_clients_to_know(ada: FileClient) -> None:
    assert "/files/internal" not in (await ada.get("/openapi.json")).text


@pytest.mark.parametrize("subject", ["me", "1", "%2e%2e", "018f0000-0000-7000-8000-00000000000x"])
async def test_what_is_no_account_is_not_purged(purger: FileClient, subject: str) -> None:
    assert (await purge(purger, subject)).status_code in {404, 422}


async def test_who_never_had_anything_is_purged_too_and_twice_does_no_harm(
    purger: FileClient, client_of: Clients, database: Database, leftovers: Leftovers
) -> None:
    stranger = client_of()
    for _ in range(2):
        await purged(purger, stranger)
    async with database.reading() as connection:
        assert (await connection.exec_driver_sql("select count(*) from files.pgqueuer_log")).scalar_one() == 0
    assert slug(await stranger.put("a", b"x")) == "owner-gone"
    assert await leftovers.freed() == set()


async def test_once_more_leaves_the_first_time(ada: FileClient, purger: FileClient, database: Database) -> None:
    async def since() -> datetime:
        async with database.reading() as connection:
            found = await connection.execute(select(owners.c.purged_at).where(of(owners, ada.account)))
            return datetime.fromisoformat(str(found.scalar_one()))

    await purged(purger, ada)
    first = await since()
    await purged(purger, ada)
    assert await since() == first


# Nothing comes back


class Held:
    """A body of which one half comes when it is asked for, and the other when it is let."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.begun = asyncio.Event()
        self.rest = asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        half = len(self._content) // 2
        yield self._content[:half]
        self.begun.set()
        await self.rest.wait()
        yield self._content[half:]


async def test_an_upload_that_was_under_way_makes_no_file(
    ada: FileClient, purger: FileClient, database: Database, leftovers: Leftovers
) -> None:
    body = Held(bytes(MIB))
    upload = asyncio.create_task(ada.put("late", body))
    await body.begun.wait()
    await purged(purger, ada)
    body.rest.set()
    answer = await upload
    assert (answer.status_code, slug(answer)) == (410, "owner-gone")
    assert await leftovers.freed() == set()
    assert await rows(database, ada.account) == dict.fromkeys(await rows(database, ada.account), 0) | {"owners": 1}


async def test_a_resumable_upload_that_was_under_way_makes_no_file(
    ada: FileClient, tus: TusClient, purger: FileClient, leftovers: Leftovers
) -> None:
    path, body = await tus.created(12 * MIB), Held(bytes(12 * MIB))
    upload = asyncio.create_task(tus.patch(path, 0, body))
    await body.begun.wait()
    await purged(purger, ada)
    body.rest.set()
    answer = await upload
    assert (answer.status_code, slug(answer)) == (404, "upload-not-found")
    assert (await tus.head(path)).status_code == 404
    assert await leftovers.freed() == set()
    assert leftovers.unfinished_uploads() == []


async def test_parts_that_are_in_the_store_make_no_file(
    ada: FileClient, direct: DirectClient, purger: FileClient, leftovers: Leftovers
) -> None:
    where, named = await direct.sent(bytes(17 * MIB))
    await purged(purger, ada)
    assert (await direct.complete(where, named)).status_code == 404
    assert await leftovers.freed() == set()
    assert leftovers.unfinished_uploads() == []


async def test_a_new_version_by_somebody_else_is_refused(
    ada: FileClient, bob: FileClient, purger: FileClient, leftovers: Leftovers
) -> None:
    file = (await ada.put("a", b"x")).json()["id"]
    assert (await share(ada, file, bob.account)).status_code == 201
    body = Held(bytes(MIB))
    upload = asyncio.create_task(bob.put(file, body, prefix="/files/content/"))
    await body.begun.wait()
    await purged(purger, ada)
    body.rest.set()
    answer = await upload
    assert (answer.status_code, slug(answer)) in [(404, "file-not-found"), (410, "owner-gone")]
    assert await leftovers.freed() == set()


async def test_what_a_parser_was_at_is_not_kept_and_not_tried_again(
    ada: FileClient, published: FileSettings, database: Database, store: MinioObjectStore, leftovers: Leftovers
) -> None:
    await ada.put("a.png", saved(halves((40, 30)), "PNG"))
    stored = leftovers.objects()
    # The moment when a purge has begun and not come to the files.
    async with database.begin() as tx:
        await owned.lock_for_purge(tx, UUID(ada.account))
    async with working(WorkerSettings.model_validate(plain(published)), database, store, background=False):
        await leftovers.idle()
    assert leftovers.objects() == stored


async def test_two_who_shared_with_each_other_are_purged_at_once(
    ada: FileClient, bob: FileClient, purger: FileClient, database: Database
) -> None:
    for one, other in ((ada, bob), (bob, ada)):
        for number in range(10):
            await share(one, (await one.put(str(number), b"x")).json()["id"], other.account)
    answers = await asyncio.gather(*(purge(purger, client.account) for client in (ada, bob)))
    assert {answer.status_code for answer in answers} == {204}
    for client in (ada, bob):
        found = await rows(database, client.account)
        assert found == dict.fromkeys(found, 0) | {"owners": 1}


async def test_nothing_new_is_made(
    ada: FileClient, bob: FileClient, tus: TusClient, direct: DirectClient, purger: FileClient, client_of: Clients
) -> None:
    theirs = (await bob.put("theirs", b"x")).json()["id"]
    await purged(purger, ada)
    # In the moment between, since a purge takes what was shared along.
    assert (await share(bob, theirs, ada.account)).status_code == 201
    for answer in (
        await ada.put("a", b"x"),
        await ada.upload(b"x"),
        await ada.post(f"/files/{theirs}/copy", {"path": "mine"}),
        await tus.create(10),
        await direct.create(10),
        await limit(client_of, ada.account, 10**9),
    ):
        assert (answer.status_code, slug(answer)) == (410, "owner-gone")
    assert await ada.usage() == (0, 0)
    assert await ada.paths() == []


async def test_what_is_shared_with_an_account_that_is_gone_reaches_nobody(
    ada: FileClient, bob: FileClient, purger: FileClient, database: Database
) -> None:
    """As with an id that never was an account's, which is not known here. The next purge takes it along."""
    await purged(purger, ada)
    file = (await bob.put("a", b"x")).json()["id"]
    assert (await share(bob, file, ada.account)).status_code == 201
    assert (await rows(database, ada.account))["shares"] == 1
    await purged(purger, ada)
    assert (await rows(database, ada.account))["shares"] == 0
    assert (await bob.download(file)).content == b"x"


# Whatever breaks it off


async def test_what_is_broken_off_is_gone_on_with(
    ada: FileClient, database: Database, purging: Purging, quotas: Quotas, leftovers: Leftovers
) -> None:
    owner = UUID(ada.account)
    for number in range(20):
        await ada.put(str(number), b"x")
    attempt = asyncio.create_task(purging.purge(owner))
    async with asyncio.timeout(20):
        while (await quotas.usage(owner)).count > 15:  # noqa: ASYNC110 - the table tells nobody
            await asyncio.sleep(0)
    attempt.cancel()
    await asyncio.gather(attempt, return_exceptions=True)
    left = await quotas.usage(owner)
    assert attempt.cancelled()
    assert 0 < left.count == left.bytes < 20  # what is counted is what is there
    assert slug(await ada.put("new", b"x")) == "owner-gone"
    await purging.purge(owner)
    assert (await rows(database, ada.account))["files"] == 0
    assert await leftovers.freed() == set()


async def test_several_at_once_come_to_the_same_end(
    ada: FileClient, purger: FileClient, database: Database, leftovers: Leftovers
) -> None:
    await ada.upload_several(*((str(number), b"x") for number in range(20)))
    answers = await asyncio.gather(*(purge(purger, ada.account) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {204}
    assert (await rows(database, ada.account))["files"] == 0
    assert await leftovers.freed() == set()


@pytest.mark.usefixtures("impatient_owners")
async def test_who_is_busy_is_purged_the_next_time(ada: FileClient, purger: FileClient, quotas: Quotas) -> None:
    await ada.put("a", b"x")
    async with quotas.changing(UUID(ada.account)):
        answer = await purge(purger, ada.account)
    assert (answer.status_code, answer.headers["retry-after"], slug(answer)) == (503, "1", "owner-busy")
    assert await ada.usage() == (1, 1)
    await purged(purger, ada)


async def test_thousands_of_files_go_in_portions_and_nobody_waits_for_long(
    client_of: Clients, purger: FileClient, database: Database, database_url: str
) -> None:
    owner = uuid4()
    await fill(database_url, owner, 5_000)
    gone = asyncio.create_task(purge(purger, str(owner)))
    others = client_of()
    while not gone.done():
        assert (await others.put("a", b"x")).status_code in {200, 201}
    assert (await gone).status_code == 204
    assert (await rows(database, str(owner)))["files"] == 0

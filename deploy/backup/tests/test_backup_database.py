"""Rows go into a backup and come back as they were, with what a database has besides: numbers, triggers, revisions."""

import base64
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID, uuid4

import asyncpg
import pytest
from pydantic import SecretStr

from file_service.storage.minio_object_store import MinioObjectStore
from strongroom.database import Database
from strongroom.database.backup_hold import backup_is_under_way
from strongroom_backup import catalogue
from strongroom_backup.backup import Keys, back_up
from strongroom_backup.connection import connected
from strongroom_backup.dumping import dump
from strongroom_backup.errors import (
    BackupUnderWay,
    Damaged,
    NotEmpty,
    NotStrongroom,
    NotWhole,
    OtherMasterKey,
    WrongRevision,
)
from strongroom_backup.hold import held
from strongroom_backup.loading import load
from strongroom_backup.repository import Repository
from strongroom_backup.restoring import restore
from strongroom_backup.settings import BackupSettings

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
AWKWARD = "a\ttab, a\nline, a \\N, a ' and a \", é and 😀"
Into = Callable[..., BackupSettings]

_STATEMENTS = """
insert into auth.accounts (id, email, email_key, name, password_hash, roles, email_verified, created_at)
    values ('{account}', 'a@example.com', 'a@example.com', $${awkward}$$, 'x', '{{user,"odd, role"}}', true, now());
insert into auth.sessions (id, account_id, client_id, scope, created_at, last_used_at, expires_at)
    values ('{account}', '{account}', 'web', '', now(), now(), 'infinity');
insert into auth.revocations (kind, revoked, revoked_at, expires_at)
    select 'session', number::text, now(), now() from generate_series(1, 3) number;
insert into auth.audit_events (id, happened_at, event, details)
    values ('{account}', now(), 'account.registered', jsonb_build_object('name', $${awkward}$$));
insert into auth.roles (name, scopes) values ('reader', '{{files:read}}');
delete from auth.roles where name = 'admin';
insert into files.pgqueuer (priority, status, entrypoint, payload) values (0, 'queued', 'free-objects', '\\x00ff');
"""
_FILE = """
with file as (
    insert into files.files
        (id, owner_id, path, version, object_key, size, sha256, content_type, name_key, words, tags, metadata,
        created_at, updated_at)
    values ($1, $1, $2, 1, $3, $4, $5, 'text/plain', 'a', to_tsvector('english', 'some words'), '{"x,y"}', '{"a": [1]}',
        now(), now())
    returning id
)
insert into files.file_versions
    (file_id, version, object_key, size, sha256, content_type, created_at, verified_at, missing_at)
select id, 1, $3, $4, $5, 'text/plain', now(), now(), $6 from file
"""


@pytest.fixture
def older(new_database: Callable[..., str]) -> str:
    """As a release before webhooks had it."""
    return new_database(auth="0003", files="0010")


async def fill(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(_STATEMENTS.format(account=uuid4(), awkward=AWKWARD))
    await connection.close()


async def add_file(url: str, store: MinioObjectStore | None, *, missing_at: datetime | None = None) -> str:
    """The key of its object, which is in the store if one is given."""

    async def chunks() -> AsyncIterator[bytes]:
        yield AWKWARD.encode()

    content, identity = AWKWARD.encode(), uuid4()
    key = f"{identity}/{uuid4()}"
    if store is not None:
        await store.put(key, chunks())
    connection = await asyncpg.connect(url)
    digest = sha256(content).digest()
    await connection.execute(_FILE, identity, AWKWARD.replace("\n", ""), key, len(content), digest, missing_at)
    await connection.close()
    return key


async def value(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def made(repository: Repository, url: str, store: MinioObjectStore, keys: Keys | None = None) -> list[str]:
    """What the new snapshot lacks."""
    with repository.claimed():
        return list((await back_up(repository, url, store, keys or Keys())).manifest().lacking)


# Rows


async def test_every_row_comes_back_as_it_was(
    source: str, target: str, store: MinioObjectStore, repository: Repository
) -> None:
    await fill(source)
    await add_file(source, store)
    await made(repository, source, store)
    snapshot = repository.snapshot(None)
    manifest = snapshot.manifest()
    await load(target, snapshot, manifest)

    again = repository.begin()
    same = await dump(target, again, again.path / "wanted")
    assert same.tables == manifest.tables
    assert same.sequences == manifest.sequences
    rows = {table.full_name: table.rows.lines for table in manifest.tables}
    assert (rows["auth.revocations"], rows["auth.roles"], rows["files.file_versions"]) == (3, 2, 1)


async def test_what_comes_afterwards_gets_new_numbers_and_triggers_are_at_work_again(
    source: str, target: str, store: MinioObjectStore, repository: Repository
) -> None:
    await fill(source)
    await made(repository, source, store)
    snapshot = repository.snapshot(None)
    await load(target, snapshot, snapshot.manifest())
    assert await value(target, "select array_agg(number order by id) from auth.revocations") == [1, 2, 3]
    await value(
        target,
        "insert into auth.revocations (kind, revoked, revoked_at, expires_at) values ('token', 'x', now(), now())",
    )
    assert await value(target, "select (id, number) from auth.revocations where revoked = 'x'") == (4, 4)
    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await value(target, "delete from auth.audit_events")


async def test_no_column_points_at_objects_that_a_backup_does_not_know_of(source: str) -> None:
    async with connected(source) as connection:
        found = await connection.fetch(
            "select table_name || '.' || column_name as name from information_schema.columns"
            " where table_schema = 'files' and column_name like '%key'"
        )
    assert {row["name"] for row in found} == {
        "files.name_key",  # what names sort by
        "pgqueuer.dedupe_key",
        # In the list of objects
        "file_versions.object_key",
        "derived_objects.object_key",
        "resumable_uploads.object_key",
        "resumable_uploads.tail_key",
        # The same as one of a version
        "files.object_key",
        "derivations.object_key",
        "derived_objects.source_key",
        "passages.source_key",
    }


async def test_tables_come_after_those_that_they_need(source: str) -> None:
    async with connected(source) as connection:
        names = [table.full_name for table in await catalogue.tables(connection)]
    for needed, name in (
        ("auth.accounts", "auth.sessions"),
        ("auth.sessions", "auth.refresh_tokens"),
        ("files.files", "files.file_versions"),
        ("files.derivations", "files.passages"),
        ("files.webhooks", "files.webhook_deliveries"),
    ):
        assert names.index(needed) < names.index(name)


async def test_a_table_with_rows_is_never_filled(
    source: str, target: str, store: MinioObjectStore, repository: Repository
) -> None:
    await fill(target)
    await made(repository, source, store)
    snapshot = repository.snapshot(None)
    with pytest.raises(NotEmpty, match="There are rows in"):
        await load(target, snapshot, snapshot.manifest())
    assert await value(target, "select count(*) from auth.accounts") == 1


async def test_damaged_rows_leave_the_database_as_it_was(
    source: str, target: str, store: MinioObjectStore, repository: Repository
) -> None:
    await fill(source)
    await made(repository, source, store)
    snapshot = repository.snapshot(None)
    path = snapshot.rows("files.pgqueuer")
    path.write_bytes(path.read_bytes() + b"more")
    with pytest.raises(Damaged, match="pgqueuer"):
        await load(target, snapshot, snapshot.manifest())
    assert await value(target, "select count(*) from auth.accounts") == 0
    assert await value(target, "select count(*) from pg_trigger where not tgisinternal and tgenabled = 'D'") == 0


async def test_a_database_of_something_else_is_told_so(
    nothing: str, store: MinioObjectStore, repository: Repository
) -> None:
    with pytest.raises(NotStrongroom, match="auth and files"):
        await made(repository, nothing, store)
    with pytest.raises(NotStrongroom):
        await made(repository, "postgresql://nobody:x@127.0.0.1:1/nothing", store)


# Releases


async def test_a_backup_of_an_older_release_is_restored_and_brought_up_to_date(
    older: str, nothing: str, store: MinioObjectStore, repository: Repository, into: Into
) -> None:
    key = await add_file(older, store)
    await fill(older)
    await made(repository, older, store)
    done = await restore(repository, repository.snapshot(None), into(nothing))
    assert done.manifest.revisions == {"auth": "0003", "files": "0010"}
    assert done.objects == 1
    assert await value(nothing, "select object_key from files.files") == key
    assert str(await value(nothing, "select version_num from files.alembic_version")) > "0010"
    assert await value(nothing, "select count(*) from files.webhooks") == 0


async def test_rows_of_one_release_are_not_put_into_the_tables_of_another(
    older: str, target: str, store: MinioObjectStore, repository: Repository
) -> None:
    await made(repository, older, store)
    snapshot = repository.snapshot(None)
    with pytest.raises(WrongRevision, match="files 0010"):
        await load(target, snapshot, snapshot.manifest())


# Objects


async def test_a_file_without_its_bytes_is_no_backup_unless_that_is_known(
    source: str, store: MinioObjectStore, repository: Repository
) -> None:
    there = await add_file(source, store)
    known = await add_file(source, None, missing_at=NOW)
    assert await made(repository, source, store) == [known]
    before = repository.snapshots()
    lost = await add_file(source, None)
    with pytest.raises(NotWhole, match=lost):
        await made(repository, source, store)
    assert [one.name for one in repository.snapshots()] == [one.name for one in before]
    assert list(repository.stored_keys()) == [there]


async def test_other_bytes_than_the_rows_say_are_not_taken(
    source: str, store: MinioObjectStore, repository: Repository
) -> None:
    key = await add_file(source, store)

    async def other() -> AsyncIterator[bytes]:
        yield AWKWARD.encode()[::-1]

    await store.put(key, other())
    with pytest.raises(NotWhole, match=key):
        await made(repository, source, store)
    assert list(repository.stored_keys()) == []


async def test_a_restore_that_was_cut_off_is_begun_again_and_a_bucket_with_others_is_refused(
    source: str, nothing: str, store: MinioObjectStore, repository: Repository, into: Into
) -> None:
    keys = [await add_file(source, store) for _ in range(3)]
    await made(repository, source, store)
    settings = into(nothing)
    snapshot = repository.snapshot(None)
    place = repository.place(max(keys))
    whole = place.read_bytes()
    place.write_bytes(b"x" * len(whole))
    with pytest.raises(Damaged, match=max(keys)):
        await restore(repository, snapshot, settings, at_once=1)
    place.write_bytes(whole)
    assert (await restore(repository, snapshot, settings)).objects == 3
    with pytest.raises(NotEmpty):
        await restore(repository, snapshot, settings)


async def test_a_bucket_with_other_objects_is_refused(
    source: str, nothing: str, store: MinioObjectStore, repository: Repository, into: Into
) -> None:
    await made(repository, source, store)
    await add_file(source, store)
    settings = into(nothing).model_copy(update={"s3_bucket": store._bucket})
    with pytest.raises(NotEmpty, match="other objects in the bucket"):
        await restore(repository, repository.snapshot(None), settings)
    assert await value(nothing, "select count(*) from auth.accounts") == 0


async def test_another_master_key_is_refused_before_anything_is_changed(
    source: str, nothing: str, store: MinioObjectStore, repository: Repository, into: Into
) -> None:
    right, wrong = (SecretStr(base64.b64encode(bytes([byte]) * 32).decode()) for byte in (1, 2))
    settings = into(nothing, master_key=right)
    await made(repository, source, store, Keys(settings.master_key_mark))
    with pytest.raises(OtherMasterKey):
        await restore(repository, repository.snapshot(None), settings.model_copy(update={"master_key": wrong}))
    assert await value(nothing, "select to_regclass('auth.accounts')") is None


# The hold


async def test_one_backup_of_a_database_at_a_time(source: str) -> None:
    async with held(source):
        with pytest.raises(BackupUnderWay):
            async with held(source, patience="10ms"):
                pass


async def test_the_hold_ends_with_the_backup_s_connection(source: str) -> None:
    database = Database(source)
    try:
        async with held(source):
            async with database.reading() as connection:
                assert await backup_is_under_way(connection)
                assert await backup_is_under_way(connection), "who asks changes nothing"
            others = "datname = current_database() and pid in (select pid from pg_locks where locktype = 'advisory')"
            # As when its machine is gone, and the server has noticed.
            assert await value(source, f"select pg_terminate_backend(pid, 5000) from pg_stat_activity where {others}")
            async with database.reading() as connection:
                assert not await backup_is_under_way(connection)
    finally:
        await database.aclose()


def test_marks_tell_master_keys_apart_and_not_what_they_are(into: Into) -> None:
    one, other = (
        into("postgresql://x", master_key=SecretStr(base64.b64encode(UUID(int=number).bytes * 2).decode()))
        for number in (1, 2)
    )
    assert one.master_key_mark != other.master_key_mark
    assert into("postgresql://x").master_key_mark is None

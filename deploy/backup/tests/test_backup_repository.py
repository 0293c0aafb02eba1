"""The folder of backups: whole snapshots only, every object once, and none that is still needed is dropped."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from strongroom_backup.errors import Damaged, NoSnapshot, NotARepository, RepositoryInUse
from strongroom_backup.manifest import Manifest
from strongroom_backup.packed import PackedWriter
from strongroom_backup.pruning import prune
from strongroom_backup.repository import Incoming, Repository
from strongroom_backup.snapshot import Snapshot
from strongroom_backup.stored import Kept
from strongroom_backup.verifying import verify

NOW = datetime(2026, 11, 30, tzinfo=UTC)


def key(owner: int, number: int) -> str:
    return f"{UUID(int=owner)}/{UUID(int=number)}"


async def brought(repository: Repository, key: str, content: bytes) -> Kept:
    async def chunks() -> AsyncIterator[bytes]:
        yield content

    incoming = Incoming(repository, key)
    kept = await incoming.take(chunks())
    incoming.keep()
    return kept


async def snapshot_of(repository: Repository, number: int, *keys: str) -> Snapshot:
    unfinished = repository.begin()
    with PackedWriter(unfinished.objects) as listed:
        for one in sorted(keys):
            listed.add((await brought(repository, one, one.encode())).line)
    made_at = NOW + timedelta(days=number)
    manifest = Manifest(
        made_at=made_at,
        postgresql="18",
        revisions={},
        tables=(),
        sequences={},
        objects=listed.packed,
        object_bytes=0,
        copied=0,
    )
    unfinished.finish(manifest)
    return repository.add(unfinished, made_at)


async def test_what_only_old_snapshots_need_goes_with_them(repository: Repository) -> None:
    await snapshot_of(repository, 1, key(1, 1), key(1, 2), key(2, 1))
    await snapshot_of(repository, 2, key(1, 2), key(3, 1))
    await snapshot_of(repository, 3, key(1, 2), key(1, 3))
    pruned = prune(repository, 2)
    assert (pruned.snapshots, pruned.objects) == (1, 2)
    assert set(repository.stored_keys()) == {key(1, 2), key(3, 1), key(1, 3)}
    assert [one.name for one in repository.snapshots()] == ["20261202T000000.000000Z", "20261203T000000.000000Z"]
    assert (await verify(repository, repository.snapshots())).damaged == []


async def test_nothing_is_dropped_where_it_cannot_be_read_what_is_needed(repository: Repository) -> None:
    await snapshot_of(repository, 1, key(1, 1))
    newest = await snapshot_of(repository, 2, key(1, 1))
    newest.objects.write_bytes(b"")
    with pytest.raises(Damaged):
        prune(repository, 1)
    assert len(repository.snapshots()) == 2
    assert list(repository.stored_keys()) == [key(1, 1)]


async def test_every_object_is_read_once_and_what_is_wrong_is_named(repository: Repository) -> None:
    await snapshot_of(repository, 1, key(1, 1), key(1, 2))
    await snapshot_of(repository, 2, key(1, 2), key(1, 3))
    repository.place(key(1, 2)).write_bytes(b"other")
    repository.place(key(1, 3)).unlink()
    found = await verify(repository, repository.snapshots())
    assert (found.snapshots, found.objects, len(found.damaged)) == (2, 3, 2)
    assert key(1, 2) in found.damaged[0]
    assert key(1, 3) in found.damaged[1]


async def test_one_damaged_snapshot_says_nothing_against_the_others(repository: Repository) -> None:
    first = await snapshot_of(repository, 1, key(1, 1))
    await snapshot_of(repository, 2, key(1, 2))
    (first.path / "manifest.json").write_text("{}")
    found = await verify(repository, repository.snapshots())
    assert (found.snapshots, found.objects, len(found.damaged)) == (2, 1, 1)


def test_one_run_at_a_time_works_in_it(repository: Repository) -> None:
    again = Repository(repository.path)
    with repository.claimed():
        with pytest.raises(RepositoryInUse), again.claimed():
            pass
        with pytest.raises(RepositoryInUse), again.read_only():
            pass
    with repository.read_only(), again.read_only():
        pass


def test_what_a_killed_run_left_is_cleared_away(repository: Repository) -> None:
    with repository.claimed():
        left = repository.begin()
    assert left.path.exists()
    with repository.claimed():
        assert not left.path.exists()
    with pytest.raises(NoSnapshot):
        repository.snapshot(None)


async def test_a_snapshot_is_found_by_its_name(repository: Repository) -> None:
    first, second = await snapshot_of(repository, 1), await snapshot_of(repository, 2)
    assert repository.snapshot(first.name).path == first.path
    assert repository.snapshot(None).path == second.path
    with pytest.raises(NoSnapshot):
        repository.snapshot("20261231T000000.000000Z")


def test_a_folder_that_is_none_of_ours_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter").touch()
    with pytest.raises(NotARepository):
        Repository(tmp_path).prepare()
    with pytest.raises(NotARepository), Repository(tmp_path).read_only():
        pass

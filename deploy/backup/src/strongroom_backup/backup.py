"""Makes a snapshot: the rows as they were at one moment, and every object that they point at."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from file_service.storage.object_store import ObjectStore
from strongroom_backup.copying import Copied, Copying
from strongroom_backup.dumping import Dump, dump
from strongroom_backup.errors import Damaged, NoSnapshot
from strongroom_backup.hold import held
from strongroom_backup.manifest import Manifest
from strongroom_backup.packed import PackedWriter
from strongroom_backup.private_files import write_private
from strongroom_backup.repository import Repository
from strongroom_backup.snapshot import Snapshot
from strongroom_backup.stored import Lookup, wanted_in


@dataclass(frozen=True, slots=True)
class Keys:
    """What opens the secrets in the rows: `mark` tells which master key, `files` go into the snapshot as they are."""

    mark: str | None = None
    files: Mapping[str, bytes] | None = None


async def back_up(repository: Repository, url: str, store: ObjectStore, keys: Keys, *, at_once: int = 8) -> Snapshot:
    """The new snapshot. The repository must be claimed. Where it fails, those that were there stay as they are.

    Raises BackupUnderWay, NotStrongroom, NotWhole, StoreUnavailable.
    """
    unfinished, made_at = repository.begin(), datetime.now(UTC)
    wanted = unfinished.path / "wanted"
    former = _former(repository)
    async with held(url):
        # The hold first: nothing that this moment's rows point at is deleted from then on.
        dumped = await dump(url, unfinished, wanted)
        with PackedWriter(unfinished.objects) as listed:
            copying = Copying(repository, store, former, at_once=at_once)
            copied = await copying.copy(wanted_in(wanted, dumped.wanted), listed)
    wanted.unlink()
    for name, content in (keys.files or {}).items():
        write_private(unfinished.key_file(name), content)
    repository.sync()
    unfinished.finish(_manifest(made_at, dumped, listed, copied, keys))
    return repository.add(unfinished, made_at)


def _former(repository: Repository) -> Lookup:
    """Of the newest snapshot. One that is damaged is no reason to have no other."""
    try:
        newest = repository.snapshot(None)
        for _ in newest.kept(newest.manifest()):
            pass
        return Lookup(newest.kept(newest.manifest()))
    except (NoSnapshot, Damaged):
        return Lookup(())


def _manifest(made_at: datetime, dumped: Dump, listed: PackedWriter, copied: Copied, keys: Keys) -> Manifest:
    return Manifest(
        made_at=made_at,
        postgresql=dumped.postgresql,
        revisions=dumped.revisions,
        tables=dumped.tables,
        sequences=dumped.sequences,
        objects=listed.packed,
        object_bytes=copied.total_bytes,
        copied=copied.new,
        lacking=tuple(copied.lacking),
        master_key=keys.mark,
        keys={name: sha256(content).hexdigest() for name, content in (keys.files or {}).items()},
    )

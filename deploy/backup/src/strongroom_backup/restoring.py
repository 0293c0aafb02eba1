"""Puts a snapshot back into a database and a bucket that have nothing in them."""

from dataclasses import dataclass

from file_service.storing import object_store
from strongroom_backup.errors import OtherMasterKey
from strongroom_backup.loading import load, require_empty
from strongroom_backup.manifest import Manifest
from strongroom_backup.migrating import migrate
from strongroom_backup.putting import put_all, require_no_others
from strongroom_backup.repository import Repository
from strongroom_backup.settings import BackupSettings
from strongroom_backup.snapshot import Snapshot
from strongroom_backup.verifying import check


@dataclass(frozen=True, slots=True)
class Restored:
    snapshot: Snapshot
    manifest: Manifest
    objects: int


async def restore(
    repository: Repository, snapshot: Snapshot, settings: BackupSettings, *, at_once: int = 8
) -> Restored:
    """No service may run on it meanwhile. What is cut off can be begun again: rows come last, and all at once.

    Raises Damaged, OtherMasterKey, NotEmpty, WrongRevision, NotStrongroom, StoreUnavailable.
    """
    check(snapshot)
    manifest, url = snapshot.manifest(), settings.database_url.get_secret_value()
    require_key(manifest, settings.master_key_mark)
    await require_empty(url)
    await migrate(settings, manifest.revisions)
    store = object_store(settings)
    try:
        await require_no_others(store, snapshot, manifest)
        # Bytes first, row second, as ever.
        objects = await put_all(repository, store, snapshot, manifest, at_once)
    finally:
        await store.aclose()
    await load(url, snapshot, manifest)
    await migrate(settings)
    return Restored(snapshot, manifest, objects)


def require_key(manifest: Manifest, mark: str | None) -> None:
    """Where both are known they must be the same. Raises OtherMasterKey."""
    if mark is not None and manifest.master_key is not None and mark != manifest.master_key:
        raise OtherMasterKey(
            "STRONGROOM_MASTER_KEY is not the one that the snapshot's secrets are under: nobody's token, second factor"
            " or signing key could be read. Set the one that was in use when the backup was made."
        )

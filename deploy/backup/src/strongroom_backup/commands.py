"""Backup, restore and verify as commands: what they print, and the exit code."""

from file_service.storing import object_store
from strongroom_backup import backup, restoring, verifying
from strongroom_backup.arguments import Asked
from strongroom_backup.backup import Keys
from strongroom_backup.pruning import prune
from strongroom_backup.repository import Repository
from strongroom_backup.settings import BackupSettings


async def back_up(asked: Asked, settings: BackupSettings, keys: Keys | None = None) -> int:
    repository = Repository(asked.folder)
    repository.prepare()
    keys = keys or Keys(settings.master_key_mark)
    with repository.claimed():
        store = object_store(settings)
        try:
            url = settings.database_url.get_secret_value()
            made = await backup.back_up(repository, url, store, keys, at_once=asked.at_once)
        finally:
            await store.aclose()
        manifest = made.manifest()
        rows = sum(table.rows.lines for table in manifest.tables)
        print(
            f"{made.path}: {rows} rows, {manifest.objects.lines} objects ({manifest.object_bytes} bytes),"
            f" {manifest.copied} of them new"
        )
        for key in manifest.lacking:
            print(f"Without {key}, which is missing in the store, or damaged")
        if asked.keep is not None:
            gone = prune(repository, asked.keep)
            print(f"{gone.snapshots} older snapshots and {gone.objects} objects were removed")
    return 0


async def restore(asked: Asked, settings: BackupSettings) -> int:
    repository = Repository(asked.folder)
    with repository.read_only():
        snapshot = repository.snapshot(asked.snapshot)
        done = await restoring.restore(repository, snapshot, settings, at_once=asked.at_once)
    print(f"{done.snapshot.name} is restored: {len(done.manifest.tables)} tables, {done.objects} objects")
    if settings.master_key is None or done.manifest.master_key is None:
        print("Whether STRONGROOM_MASTER_KEY is the right one was not compared")
    return 0


async def verify(asked: Asked) -> int:
    repository = Repository(asked.folder)
    with repository.read_only():
        snapshots = [repository.snapshot(asked.snapshot)] if asked.snapshot else repository.snapshots()
        found = await verifying.verify(repository, snapshots)
    for problem in found.damaged:
        print(problem)
    if found.damaged:
        print(
            "Objects that are removed from the folder are copied anew by the next backup, if the store still has them"
        )
    print(f"{found.snapshots} snapshots and {found.objects} objects were read: {len(found.damaged)} damaged")
    return 1 if found.damaged else 0

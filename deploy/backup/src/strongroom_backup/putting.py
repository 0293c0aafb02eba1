"""Puts the objects of a snapshot back into a store, each only if it is what was taken out."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from hashlib import sha256

from file_service.storage.object_store import ObjectStore
from strongroom_backup.errors import Damaged, NotEmpty
from strongroom_backup.in_order import in_order
from strongroom_backup.manifest import Manifest
from strongroom_backup.repository import Repository
from strongroom_backup.snapshot import Snapshot
from strongroom_backup.stored import Kept, Lookup

_PAGE = 1000


async def require_no_others(store: ObjectStore, snapshot: Snapshot, manifest: Manifest) -> None:
    """That all there is are objects of the snapshot, as a restore that was cut off leaves. Raises NotEmpty."""
    lookup, after = Lookup(snapshot.kept(manifest)), ""
    while page := await store.page(after, _PAGE):
        for one in page:
            if lookup.find(one.key) is None:
                raise NotEmpty(f"There are other objects in the bucket, like {one.key}; restore into a new bucket")
        after = page[-1].key


async def put_all(
    repository: Repository, store: ObjectStore, snapshot: Snapshot, manifest: Manifest, at_once: int
) -> int:
    """How many. Raises Damaged, StoreUnavailable."""

    async def put(kept: Kept) -> None:
        await store.put(kept.key, _judged(repository, kept), size=kept.size)

    done = 0
    async with aclosing(in_order(snapshot.kept(manifest), put, at_once)) as each:
        async for _ in each:
            done += 1
    return done


async def _judged(repository: Repository, kept: Kept) -> AsyncIterator[bytes]:
    """The last piece only when all is right, so that the store never has the whole of anything else."""
    digest, held = sha256(), b""
    wrong = Damaged(f"{repository.place(kept.key)} is not what was written there")
    if repository.size_of(kept.key) != kept.size:
        raise wrong
    for piece in repository.read(kept.key):
        if held:
            yield held
        digest.update(piece)
        held = piece
    if digest.hexdigest() != kept.sha256:
        raise wrong
    if held:
        yield held

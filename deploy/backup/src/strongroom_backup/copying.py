"""Takes the objects that a snapshot needs out of the store, but for those that the repository has already."""

import asyncio
from collections.abc import Iterable
from contextlib import aclosing
from dataclasses import dataclass, field

from file_service.storage.object_store import ObjectMissing, ObjectStore
from strongroom_backup.errors import NotWhole
from strongroom_backup.in_order import in_order
from strongroom_backup.packed import PackedWriter
from strongroom_backup.repository import Incoming, Repository
from strongroom_backup.stored import Kept, Lookup, Wanted

_NAMED = 10  # of the objects that cannot be had


@dataclass(slots=True)
class Copied:
    """`lacking` are keys of objects that can be done without, `unexpected` of others that cannot be had."""

    objects: int = 0
    total_bytes: int = 0
    new: int = 0
    lacking: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)


class Copying:
    """`former` is what the snapshot before needed, and so what is known of objects whose hash no row has."""

    def __init__(self, repository: Repository, store: ObjectStore, former: Lookup, *, at_once: int) -> None:
        self._repository = repository
        self._store = store
        self._former = former
        self._at_once = at_once
        self._copied = Copied()

    async def copy(self, wanted: Iterable[Wanted], into: PackedWriter) -> Copied:
        """All are tried before any is reported. Raises NotWhole, StoreUnavailable."""
        # What is known of each is looked up here, in the order of the keys.
        known = ((one, self._former.find(one.key)) for one in wanted)
        async with aclosing(in_order(known, self._take, self._at_once)) as taken:
            async for kept in taken:
                if kept is not None:
                    into.add(kept.line)
                    self._copied.objects += 1
                    self._copied.total_bytes += kept.size
        if self._copied.unexpected:
            raise NotWhole(_told(self._copied.unexpected))
        return self._copied

    async def _take(self, what: tuple[Wanted, Kept | None]) -> Kept | None:
        wanted, former = what
        return await self._had(wanted, former) or await self._fetched(wanted)

    async def _had(self, wanted: Wanted, former: Kept | None) -> Kept | None:
        size = self._repository.size_of(wanted.key)
        if size is None or (wanted.size is not None and wanted.size != size):
            return None
        if former is not None and former.size != size:
            return None
        sha256 = wanted.sha256 or (former.sha256 if former else None)
        if sha256 is not None:
            return Kept(wanted.key, size, sha256)
        # A run that was killed has left it. It was right when it got its name.
        return await asyncio.to_thread(self._repository.hashed, wanted.key)

    async def _fetched(self, wanted: Wanted) -> Kept | None:
        incoming = Incoming(self._repository, wanted.key)
        try:
            async with self._store.get(wanted.key) as chunks:
                kept = await incoming.take(chunks)
            if wanted.size in {None, kept.size} and wanted.sha256 in {None, kept.sha256}:
                incoming.keep()
                self._copied.new += 1
                return kept
        except ObjectMissing:
            pass
        finally:
            incoming.drop()
        (self._copied.lacking if wanted.is_faulty else self._copied.unexpected).append(wanted.key)
        return None


def _told(keys: list[str]) -> str:
    named = ", ".join(keys[:_NAMED]) + (", …" if len(keys) > _NAMED else "")
    return (
        f"The store lacks {len(keys)} objects that files need, or has other bytes in their place: {named}. Let the file"
        " service find and mark them (GET /files/integrity, as an administrator); what is marked is left out."
    )

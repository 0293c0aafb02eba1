"""Reads all that a repository holds again, and compares every hash."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from heapq import merge
from itertools import groupby
from operator import attrgetter

from strongroom_backup.errors import Damaged
from strongroom_backup.in_order import in_order
from strongroom_backup.repository import Repository
from strongroom_backup.snapshot import Snapshot
from strongroom_backup.stored import Kept


@dataclass(frozen=True, slots=True)
class Findings:
    """`objects` were read, each once. `damaged` says what is wrong, a line each; nothing is where all is well."""

    snapshots: int
    objects: int
    damaged: Sequence[str]


async def verify(repository: Repository, snapshots: Sequence[Snapshot], *, at_once: int = 2) -> Findings:
    problems = {snapshot.name: _problem(snapshot) for snapshot in snapshots}
    damaged = [problem for problem in problems.values() if problem]
    whole = [snapshot for snapshot in snapshots if not problems[snapshot.name]]
    objects = 0

    async def compare(kept: Kept) -> str | None:
        return await asyncio.to_thread(_compared, repository, kept)

    async with aclosing(in_order(needed(whole), compare, at_once)) as compared:
        async for problem in compared:
            objects += 1
            if problem:
                damaged.append(problem)
    return Findings(len(snapshots), objects, damaged)


def check(snapshot: Snapshot) -> None:
    """Everything in its own folder: the manifest, the rows, the list of objects, the keys. Raises Damaged."""
    manifest = snapshot.manifest()
    for table in manifest.tables:
        for _ in snapshot.read_rows(table):
            pass
    for _ in snapshot.kept(manifest):
        pass
    for name in manifest.keys:
        snapshot.read_key(name, manifest)


def needed(snapshots: Sequence[Snapshot]) -> Iterator[Kept]:
    """The objects of all of them, each once, by key. Raises Damaged."""
    lists = [snapshot.kept(snapshot.manifest()) for snapshot in snapshots]
    for _, same in groupby(merge(*lists, key=attrgetter("key")), key=attrgetter("key")):
        yield next(same)


def _problem(snapshot: Snapshot) -> str | None:
    try:
        check(snapshot)
    except Damaged as error:
        return str(error)
    return None


def _compared(repository: Repository, kept: Kept) -> str | None:
    try:
        found = repository.hashed(kept.key)
    except OSError as error:
        return f"{repository.place(kept.key)} cannot be read: {error.strerror}"
    if found != kept:
        return f"{repository.place(kept.key)} is not what was written there"
    return None

"""Removes old snapshots, and the objects that none of the others needs."""

import os
import shutil
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from strongroom_backup.repository import Repository
from strongroom_backup.verifying import needed


@dataclass(frozen=True, slots=True)
class Pruned:
    snapshots: int
    objects: int


def prune(repository: Repository, keep: int) -> Pruned:
    """All but the newest `keep`, which is at least 1. The repository must be claimed. Raises Damaged.

    The snapshots go first: cut off in between, what is left is objects too many, which the next time removes.
    """
    snapshots = repository.snapshots()
    # Read once before anything goes: a list that cannot be read would let its objects go too.
    for _ in needed(snapshots[-keep:]):
        pass
    for snapshot in snapshots[:-keep]:
        repository.remove(snapshot)
    return Pruned(len(snapshots[:-keep]), _drop_unneeded(repository))


def _drop_unneeded(repository: Repository) -> int:
    """One owner at a time, so that no more than the names of one's objects is held."""
    dropped, owners = 0, set[str]()
    for owner, kept in groupby(needed(repository.snapshots()), key=lambda one: one.key.partition("/")[0]):
        owners.add(owner)
        names = {one.key.partition("/")[2] for one in kept}
        for entry in list(os.scandir(repository.objects / owner)):
            if entry.name not in names:
                Path(entry.path).unlink()
                dropped += 1
    for entry in list(os.scandir(repository.objects)):
        if entry.name not in owners:
            dropped += len(os.listdir(entry.path))  # noqa: PTH208
            shutil.rmtree(entry.path)
    return dropped

"""The folder that backups are kept in: dated snapshots, and every object once, whichever snapshots need it."""

import fcntl
import os
import shutil
from collections.abc import AsyncIterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TextIO

from strongroom_backup.errors import NoSnapshot, NotARepository, RepositoryInUse
from strongroom_backup.private_files import open_private, private_directory, sync_directory, write_private
from strongroom_backup.snapshot import Snapshot
from strongroom_backup.stored import Kept

_MARK = "strongroom-backup"
_UNFINISHED = "unfinished"
_DOOMED = ".doomed"
_PARTIAL = ".partial"
_PIECE = 1024 * 1024


class Repository:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.objects = path / "objects"
        self._snapshots = path / "snapshots"
        self._changed: set[Path] = set()

    def prepare(self) -> None:
        """Makes it, in a folder that is new or empty. Raises NotARepository."""
        if self.path.exists() and not self.is_there() and any(self.path.iterdir()):
            raise NotARepository(f"{self.path} has something else in it; name a new folder, or one with backups")
        private_directory(self.path).chmod(0o700)
        for folder in (self.objects, self._snapshots):
            private_directory(folder)
        if not self.is_there():
            write_private(self.path / _MARK, b"1\n")
            sync_directory(self.path)

    def is_there(self) -> bool:
        return (self.path / _MARK).is_file()

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """By one run at a time; the kernel ends it with the process. Clears away what a killed one left."""
        with os.fdopen(open_private(self.path / "lock"), "w") as lock:
            self._lock(lock, fcntl.LOCK_EX)
            for left in (self.path / _UNFINISHED, *self._snapshots.glob(f"{_DOOMED}-*")):
                shutil.rmtree(left, ignore_errors=True)
            yield

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """While nobody changes it; also where nobody could. Raises NotARepository, RepositoryInUse."""
        if not self.is_there():
            raise NotARepository(f"There are no backups in {self.path}")
        with (self.path / "lock").open() as lock:
            self._lock(lock, fcntl.LOCK_SH)
            yield

    def _lock(self, lock: TextIO, kind: int) -> None:
        try:
            fcntl.flock(lock, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RepositoryInUse(f"Another run is at work in {self.path}") from None

    def snapshots(self) -> list[Snapshot]:
        """The whole ones, the newest last."""
        names = sorted(path.name for path in self._snapshots.iterdir() if not path.name.startswith("."))
        return [Snapshot(self._snapshots / name) for name in names]

    def snapshot(self, name: str | None) -> Snapshot:
        """That one, or the newest. Raises NoSnapshot."""
        found = [one for one in self.snapshots() if name in {None, one.name}]
        if not found:
            raise NoSnapshot(f"There is no snapshot {name or 'yet'} in {self.path}")
        return found[-1]

    def begin(self) -> Snapshot:
        """It counts for nothing until it is added."""
        snapshot = Snapshot(self.path / _UNFINISHED)
        snapshot.make()
        return snapshot

    def sync(self) -> None:
        """What became an object is on the disk under its name."""
        for folder in (*self._changed, self.objects):
            sync_directory(folder)
        self._changed.clear()

    def add(self, unfinished: Snapshot, made_at: datetime) -> Snapshot:
        place = self._snapshots / made_at.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        unfinished.path.rename(place)
        sync_directory(self._snapshots)
        return Snapshot(place)

    def remove(self, snapshot: Snapshot) -> None:
        """At once, as far as anybody can see."""
        doomed = self._snapshots / f"{_DOOMED}-{snapshot.name}"
        snapshot.path.rename(doomed)
        shutil.rmtree(doomed)

    def put(self, beside: Path, key: str) -> None:
        """Gives what is whole its name."""
        place = self.place(key)
        beside.replace(place)
        self._changed.add(place.parent)

    def place(self, key: str) -> Path:
        return self.objects / key

    def size_of(self, key: str) -> int | None:
        try:
            return self.place(key).stat().st_size
        except FileNotFoundError:
            return None

    def read(self, key: str) -> Iterator[bytes]:
        with self.place(key).open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece

    def hashed(self, key: str) -> Kept:
        """As it lies there."""
        digest, size = sha256(), 0
        for piece in self.read(key):
            digest.update(piece)
            size += len(piece)
        return Kept(key, size, digest.hexdigest())

    def stored_keys(self) -> Iterator[str]:
        """Of all objects, in no order."""
        for owner in os.scandir(self.objects):
            for one in os.scandir(owner.path):
                yield f"{owner.name}/{one.name}"


class Incoming:
    """An object on its way into a repository: beside its place until it is known to be right."""

    def __init__(self, repository: Repository, key: str) -> None:
        self._repository = repository
        self._key = key
        place = repository.place(key)
        self._beside = place.with_name(f"{place.name}{_PARTIAL}")

    async def take(self, chunks: AsyncIterable[bytes]) -> Kept:
        """On the disk, and not kept yet."""
        digest, size = sha256(), 0
        private_directory(self._beside.parent)
        with os.fdopen(open_private(self._beside), "wb") as file:
            async for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        return Kept(self._key, size, digest.hexdigest())

    def keep(self) -> None:
        self._repository.put(self._beside, self._key)

    def drop(self) -> None:
        self._beside.unlink(missing_ok=True)

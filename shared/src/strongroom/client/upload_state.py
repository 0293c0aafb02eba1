"""Where an upload that was broken off can be gone on with, kept for another process."""

import asyncio
import hashlib
import re
from pathlib import Path
from typing import Protocol

from strongroom.client.sources import Fingerprint

_LONGEST_ADDRESS = 2048


class UploadStates(Protocol):
    """By `key`, which is of a local file as it is now and of where it goes. Its methods may block: they are called in
    threads."""

    def load(self, key: str) -> str | None:
        """The address of the upload that was begun for it."""
        ...

    def save(self, key: str, address: str) -> None: ...

    def clear(self, key: str) -> None:
        """Also where there is none."""
        ...


class FileUploadStates:
    """A file for each in `folder`, named by its key. An address is no secret: it takes its owner's token too."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, key: str) -> str | None:
        try:
            return self._place(key).read_text()[:_LONGEST_ADDRESS].strip() or None
        except (FileNotFoundError, UnicodeDecodeError):
            return None

    def save(self, key: str, address: str) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._place(key).write_text(address)

    def clear(self, key: str) -> None:
        self._place(key).unlink(missing_ok=True)

    def _place(self, key: str) -> Path:
        if not re.fullmatch(r"[0-9a-f]{64}", key):
            raise ValueError("not a key of an upload")
        return self._folder / key


def upload_key(service: str, source: Fingerprint, path: str) -> str:
    """Another server, another file, the same one after a change, another place to go: each is another upload."""
    times = (str(source.changed_at), str(source.touched_at))
    known = (service, str(source.path), str(source.size), *times, path)
    return hashlib.sha256("\0".join(known).encode(errors="surrogateescape")).hexdigest()


class Remembered:
    """What is kept of one upload, if it is kept."""

    def __init__(self, states: UploadStates, key: str) -> None:
        self._states = states
        self._key = key

    async def load(self) -> str | None:
        return await asyncio.to_thread(self._states.load, self._key)

    async def save(self, address: str) -> None:
        await asyncio.to_thread(self._states.save, self._key, address)

    async def clear(self) -> None:
        await asyncio.to_thread(self._states.clear, self._key)

"""Takes files in: their bytes first, then all their rows in one transaction."""

import asyncio
from collections.abc import AsyncIterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog
from uuid_utils.compat import uuid7

from file_service.files.paths import parse_path
from file_service.files.repository import Content, File
from file_service.files.service import Files
from file_service.storage.object_store import ObjectStore, StoreUnavailable
from file_service.uploads.content_types import content_type
from file_service.uploads.errors import DuplicatePath, FileMissing, FileTooLarge, FormTooLarge
from file_service.uploads.form import MultipartForm, PartHead
from file_service.uploads.measure import Measured

log = structlog.get_logger()

_ROOM_FOR_FORM = 1024 * 1024  # what a form may have around its files


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file whose bytes are stored, and that is not recorded yet. `name` is as sent."""

    name: str
    content: Content


class Uploads:
    """`max_file_bytes` and `max_files` are limits of one file and of one form."""

    def __init__(self, store: ObjectStore, files: Files, *, max_file_bytes: int, max_files: int) -> None:
        self._store = store
        self._files = files
        self._max_file_bytes = max_file_bytes
        self._max_files = max_files

    async def one(self, owner: UUID, form: MultipartForm, declared: int | None) -> File:
        """The form's `file`, at its `path` if it has one. `declared` is the length of the whole body, where known.

        Raises FileMissing, FileTooLarge, InvalidPath and what the form and the store raise. Then nothing is stored.
        """
        if declared is not None and declared > self._max_file_bytes + _ROOM_FOR_FORM:
            raise FileTooLarge(f"A file has at most {self._max_file_bytes} bytes")
        path = None
        async with _Arrivals(self._store) as arrivals:
            while (part := await form.next_part()) is not None:
                if part.name == "file" and part.filename is not None:
                    if arrivals.all:
                        raise FormTooLarge("One file at a time; several go to /files/upload/multiple")
                    await self._take(owner, part, form, arrivals)
                elif part.name == "path":
                    path = parse_path(await form.text())
            if not arrivals.all:
                raise FileMissing("Send the file as the form field `file`")
            only = arrivals.all[0]
            recorded = await self._files.record(owner, [(path or only.name, only.content)])
            arrivals.keep()
        return recorded[0]

    async def several(self, owner: UUID, form: MultipartForm) -> list[File]:
        """Every one of the form's `files`, in order. Raises as `one` does, and DuplicatePath; then none is stored."""
        async with _Arrivals(self._store) as arrivals:
            while (part := await form.next_part()) is not None:
                if part.name == "files" and part.filename is not None:
                    if len(arrivals.all) == self._max_files:
                        raise FormTooLarge(f"At most {self._max_files} files at once")
                    await self._take(owner, part, form, arrivals)
            if not arrivals.all:
                raise FileMissing("Send the files as form fields `files`")
            recorded = await self._files.record(owner, [(one.name, one.content) for one in arrivals.all])
            arrivals.keep()
        return recorded

    async def _take(self, owner: UUID, part: PartHead, form: MultipartForm, arrivals: "_Arrivals") -> None:
        path = parse_path(part.filename or "")
        if any(one.name == path for one in arrivals.all):
            raise DuplicatePath(path)
        await arrivals.store(owner, path, part.content_type, form.pieces(), limit=self._max_file_bytes)


class _Arrivals:
    """The objects that an upload has stored so far; leaving without `keep` deletes them again."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._kept = False
        self.all: list[Arrival] = []

    async def store(
        self, owner: UUID, name: str, declared_type: str | None, chunks: AsyncIterable[bytes], *, limit: int
    ) -> None:
        measured = Measured(chunks, limit=limit)
        key = f"{owner}/{uuid7()}"
        await self._store.put(key, measured)
        content = Content(key, measured.size, measured.sha256, content_type(declared_type, name))
        self.all.append(Arrival(name, content))

    def keep(self) -> None:
        self._kept = True

    async def __aenter__(self) -> "_Arrivals":
        return self

    async def __aexit__(self, *failure: object) -> None:
        if not self._kept and self.all:
            # Shielded: the client being gone is a usual reason to be here.
            await asyncio.shield(_discard(self._store, [one.content.object_key for one in self.all]))


async def _discard(store: ObjectStore, keys: Sequence[str]) -> None:
    try:
        await store.delete(keys)
    except StoreUnavailable as error:
        log.warning("upload.objects_orphaned", keys=keys, exc_info=error)

"""Takes files in: their bytes first, then all their rows in one transaction."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from uuid import UUID

from file_service.access import Account
from file_service.conditions import Preconditions
from file_service.files.paths import parse_path
from file_service.files.recording import Arrival, Recorded, Recording
from file_service.files.repository import File
from file_service.files.version_repository import Content
from file_service.storage.discarding import Arrivals, NewObjects
from file_service.uploads.errors import DuplicatePath, FileMissing, FormTooLarge
from file_service.uploads.form import MultipartForm, PartHead
from file_service.uploads.intake import Incoming, Intake
from file_service.uploads.limits import UploadLimits
from file_service.uploads.measure import Allowance
from file_service.uploads.places import Places

_ROOM_FOR_FORM = 1024 * 1024  # what a form may have around its files

# What is done between the bytes and the rows. What it raises, takes the bytes back.
Look = Callable[[Arrival, Mapping[str, str]], Awaitable[Arrival]]


class Uploads:
    """Everything here raises what the form, the store and the limits raise; then nothing is stored."""

    def __init__(
        self,
        arrivals: Arrivals,
        intake: Intake,
        recording: Recording,
        limits: UploadLimits,
        places: Places,
        *,
        max_files: int,
    ) -> None:
        self._arrivals = arrivals
        self._places = places
        self._intake = intake
        self._recording = recording
        self._limits = limits
        self._max_files = max_files

    async def one(
        self,
        account: Account,
        form: MultipartForm,
        declared: int | None,
        *,
        look: Look | None = None,
        fields: Collection[str] = (),
    ) -> File:
        """The form's `file`, at its `path` if it has one. `declared` is the length of the whole body, where known.

        Before it is recorded, `look` is taken at it, with the texts of those of the form's `fields` that there are.
        """
        allowance = await self._limits.allowance(account)
        if declared is not None:
            allowance.require(declared - _ROOM_FOR_FORM)
        path, sent, content = None, "", None
        texts: dict[str, str] = {}
        async with self._room(account.id, account.id) as objects:
            while (part := await form.next_part()) is not None:
                if part.name == "file" and part.filename is not None:
                    if content is not None:
                        raise FormTooLarge("One file at a time; several go to /files/upload/multiple")
                    sent = part.filename
                    content = await self._take(objects, path or sent, part, form, allowance)
                elif part.name == "path":
                    path = parse_path(await form.text())
                elif part.name in fields:
                    texts[part.name] = await form.text()
            if content is None:
                raise FileMissing("Send the file as the form field `file`")
            # The name only counts where there is no path, which may come behind the file.
            arrival = Arrival(path or parse_path(sent), content)
            if look is not None:
                arrival = await look(arrival, texts)
            (recorded,) = await objects.recorded(self._recording.record(account.id, [arrival]))
        return recorded.file

    async def several(self, account: Account, form: MultipartForm) -> list[File]:
        """Every one of the form's `files`, in order. Raises DuplicatePath too."""
        allowance = await self._limits.allowance(account)
        taken: dict[str, Arrival] = {}
        async with self._room(account.id, account.id) as objects:
            while (part := await form.next_part()) is not None:
                if part.name == "files" and part.filename is not None:
                    if len(taken) == self._max_files:
                        raise FormTooLarge(f"At most {self._max_files} files at once")
                    path = parse_path(part.filename)
                    if path in taken:
                        raise DuplicatePath(path)
                    taken[path] = Arrival(path, await self._take(objects, path, part, form, allowance))
                    allowance.take(taken[path].content.size)
            if not taken:
                raise FileMissing("Send the files as form fields `files`")
            recorded = await objects.recorded(self._recording.record(account.id, list(taken.values())))
        return [one.file for one in recorded]

    async def raw(self, account: Account, incoming: Incoming, expected: Preconditions) -> Recorded:
        """A file at a path, or a new version of the one there. Raises PreconditionFailed too."""
        await self._recording.require(account.id, incoming.path, expected)
        allowance = await self._limits.allowance(account)
        async with self._room(account.id, account.id) as objects:
            arrival = Arrival(incoming.path, await self._store(objects, incoming, allowance))
            (recorded,) = await objects.recorded(self._recording.record(account.id, [arrival], expected))
        return recorded

    async def version(self, account: Account, file: File, incoming: Incoming, expected: Preconditions) -> File:
        """A new version of a file that the account owns, or may write. Raises FileNotFound, PreconditionFailed too."""
        await self._recording.require_version(account.id, file.id, expected)
        allowance = await self._limits.allowance(account, file.owner_id)
        async with self._room(account.id, file.owner_id) as objects:
            content = await self._store(objects, incoming, allowance)
            return await objects.recorded(self._recording.record_version(account.id, file.id, content, expected))

    @asynccontextmanager
    async def _room(self, account: UUID, owner: UUID) -> AsyncIterator[NewObjects]:
        with self._places.one(account):
            async with self._arrivals.of(owner) as objects:
                yield objects

    async def _take(
        self, objects: NewObjects, name: str, part: PartHead, form: MultipartForm, allowance: Allowance
    ) -> Content:
        return await self._store(objects, Incoming(name, part.content_type, form.pieces()), allowance)

    async def _store(self, objects: NewObjects, incoming: Incoming, allowance: Allowance) -> Content:
        content = await self._intake.take(objects.new_key(), incoming, allowance)
        objects.stored()
        return content

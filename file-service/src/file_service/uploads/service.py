"""Takes files in: their bytes first, then all their rows in one transaction."""

from file_service.access import Account
from file_service.conditions import Preconditions
from file_service.files.paths import parse_path
from file_service.files.recording import Arrival, Recorded, Recording
from file_service.files.repository import File
from file_service.storage.discarding import NewObjects, new_objects
from file_service.storage.object_store import ObjectStore
from file_service.uploads.errors import DuplicatePath, FileMissing, FormTooLarge
from file_service.uploads.form import MultipartForm, PartHead
from file_service.uploads.intake import Incoming, Intake
from file_service.uploads.limits import UploadLimits
from file_service.uploads.measure import Allowance

_ROOM_FOR_FORM = 1024 * 1024  # what a form may have around its files


class Uploads:
    """Everything here raises what the form, the store and the limits raise; then nothing is stored."""

    def __init__(
        self, store: ObjectStore, intake: Intake, recording: Recording, limits: UploadLimits, *, max_files: int
    ) -> None:
        self._store = store
        self._intake = intake
        self._recording = recording
        self._limits = limits
        self._max_files = max_files

    async def one(self, account: Account, form: MultipartForm, declared: int | None) -> File:
        """The form's `file`, at its `path` if it has one. `declared` is the length of the whole body, where known."""
        allowance = await self._limits.allowance(account)
        if declared is not None:
            allowance.require(declared - _ROOM_FOR_FORM)
        path, arrival = None, None
        async with new_objects(self._store, account.id) as objects:
            while (part := await form.next_part()) is not None:
                if part.name == "file" and part.filename is not None:
                    if arrival is not None:
                        raise FormTooLarge("One file at a time; several go to /files/upload/multiple")
                    arrival = await self._take(objects, part, form, allowance)
                elif part.name == "path":
                    path = parse_path(await form.text())
            if arrival is None:
                raise FileMissing("Send the file as the form field `file`")
            arrival = Arrival(path or arrival.path, arrival.content)
            (recorded,) = await objects.recorded(self._recording.record(account.id, [arrival]))
        return recorded.file

    async def several(self, account: Account, form: MultipartForm) -> list[File]:
        """Every one of the form's `files`, in order. Raises DuplicatePath too."""
        allowance = await self._limits.allowance(account)
        arrivals: dict[str, Arrival] = {}
        async with new_objects(self._store, account.id) as objects:
            while (part := await form.next_part()) is not None:
                if part.name == "files" and part.filename is not None:
                    if len(arrivals) == self._max_files:
                        raise FormTooLarge(f"At most {self._max_files} files at once")
                    if part.filename in arrivals:
                        raise DuplicatePath(part.filename)
                    arrival = await self._take(objects, part, form, allowance)
                    if arrival.path in arrivals:
                        raise DuplicatePath(arrival.path)
                    arrivals[arrival.path] = arrival
                    allowance.take(arrival.content.size)
            if not arrivals:
                raise FileMissing("Send the files as form fields `files`")
            recorded = await objects.recorded(self._recording.record(account.id, list(arrivals.values())))
        return [one.file for one in recorded]

    async def raw(self, account: Account, incoming: Incoming, expected: Preconditions) -> Recorded:
        """A file at a path, or a new version of the one there. Raises PreconditionFailed too."""
        await self._recording.require(account.id, incoming.path, expected)
        allowance = await self._limits.allowance(account)
        async with new_objects(self._store, account.id) as objects:
            content = await self._intake.take(objects.new_key(), incoming, allowance)
            arrival = Arrival(incoming.path, content)
            (recorded,) = await objects.recorded(self._recording.record(account.id, [arrival], expected))
        return recorded

    async def version(self, account: Account, file: File, incoming: Incoming, expected: Preconditions) -> File:
        """A new version of a file that the account owns, or may write. Raises FileNotFound, PreconditionFailed too."""
        await self._recording.require_version(account.id, file.id, expected)
        allowance = await self._limits.allowance(account, file.owner_id)
        async with new_objects(self._store, file.owner_id) as objects:
            content = await self._intake.take(objects.new_key(), incoming, allowance)
            return await objects.recorded(self._recording.record_version(account.id, file.id, content, expected))

    async def _take(self, objects: NewObjects, part: PartHead, form: MultipartForm, allowance: Allowance) -> Arrival:
        path = parse_path(part.filename or "")
        incoming = Incoming(path, part.content_type, form.pieces())
        return Arrival(path, await self._intake.take(objects.new_key(), incoming, allowance))

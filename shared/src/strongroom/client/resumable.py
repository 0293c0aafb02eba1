"""One large upload: sent chunk by chunk, and gone on with where it has got to whenever it breaks off."""

from collections.abc import AsyncIterator
from contextlib import suppress

from strongroom.client.chunks import Chunk
from strongroom.client.connection import Connection
from strongroom.client.errors import (
    Damaged,
    Gone,
    Interrupted,
    NotFound,
    Refused,
    ServerError,
    StrongroomError,
    Unauthorized,
    UnexpectedAnswer,
)
from strongroom.client.file_models import File, Version
from strongroom.client.perseverance import PASSING
from strongroom.client.progress import Progress
from strongroom.client.tus import Reached, Tus
from strongroom.client.upload_state import Remembered
from strongroom.service_call import Slices

# One part of the store, so the service need not put together what it keeps.
CHUNK = 8 * 1024 * 1024
_CUT_OFF, _OFFSET_MISMATCH, _CHECKSUM_MISMATCH = 408, 409, 460
_MOST_MISMATCHES = 3
# None of these says that the upload is not good, and a later call may have more luck.
_KEPT_AFTER = (*PASSING, Interrupted, ServerError, Unauthorized)


class Resumable:
    """`size` is None where it shows at the end. With `remembered`, another process can go on with it."""

    def __init__(
        self,
        connection: Connection,
        path: str,
        size: int | None,
        content_type: str | None,
        told: Progress,
        remembered: Remembered | None,
    ) -> None:
        self._connection = connection
        self._tus = Tus(connection)
        self._path = path
        self._size = size
        self._content_type = content_type
        self._told = told
        self._remembered = remembered
        self._tries = connection.perseverance()
        self._mismatches = 0

    async def send(self, chunks: AsyncIterator[Chunk]) -> File:
        """From the beginning: what is there already is only read, for the SHA-256 of the whole."""
        address, reached = await self._begun()
        sha256 = b""
        try:
            async for chunk in chunks:
                reached = await self._append(address, chunk, reached)
                sha256 = chunk.so_far
            file = await self._file(reached, sha256)
        except BaseException as error:
            await self._given_up(address, error)
            raise
        if self._remembered is not None:
            await self._remembered.clear()
        return file

    async def _begun(self) -> tuple[str, Reached]:
        known = await self._remembered.load() if self._remembered is not None else None
        reached = None if known is None else await self._where(known)
        if known is not None and reached is not None and self._is_unfinished(reached):
            self._told(reached.offset, self._size)
            return known, reached
        address = await self._created()
        if self._remembered is not None:
            await self._remembered.save(address)
        return address, Reached(0, None)

    def _is_unfinished(self, reached: Reached) -> bool:
        """What has become a file may have been moved, replaced or removed since: it is not what is wanted now."""
        return reached.file_id is None and reached.length in {None, self._size}

    async def _where(self, known: str) -> Reached | None:
        """None where nothing is known of it any more."""
        try:
            return await self._reached(known)
        except (NotFound, Gone):
            return None

    async def _created(self) -> str:
        # What was created unnoticed, because the answer was cut off, expires by itself.
        while True:
            try:
                return await self._tus.create(self._path, length=self._size, content_type=self._content_type)
            except PASSING as error:
                await self._tries.pause(error)

    async def _append(self, address: str, chunk: Chunk, reached: Reached) -> Reached:
        """Once it is all there, and made a file if it is the last one."""
        while reached.offset < chunk.end or (chunk.is_last and reached.file_id is None):
            if reached.offset < chunk.start:
                raise UnexpectedAnswer("An upload that has lost what it had")
            try:
                reached = await self._attempt(address, chunk.behind(max(reached.offset, chunk.start)))
                self._tries.got_further()
            except (*PASSING, Refused) as error:
                self._require_hope(error)
                await self._tries.pause(error)
                reached = await self._reached(address)
        self._told(max(reached.offset, chunk.end), self._size)
        return reached

    async def _attempt(self, address: str, rest: Chunk) -> Reached:
        content = Slices(rest.content, lambda sent: self._told(rest.start + sent, self._size))
        length = rest.end if rest.is_last and self._size is None else None
        reached = await self._tus.append(address, rest.start, content, rest.checksum, length)
        if reached.offset < rest.end or (rest.is_last and reached.file_id is None):
            raise UnexpectedAnswer("An upload that does not get further")
        return reached

    def _require_hope(self, error: StrongroomError) -> None:
        """Raises what will be the same the next time."""
        if isinstance(error, PASSING):
            return
        status = error.status if isinstance(error, Refused) else 0
        if status == _CHECKSUM_MISMATCH:
            self._mismatches += 1
            if self._mismatches >= _MOST_MISMATCHES:
                raise Damaged("What arrives is not what is sent") from error
        elif status not in {_CUT_OFF, _OFFSET_MISMATCH}:
            raise error

    async def _reached(self, address: str) -> Reached:
        while True:
            try:
                return await self._tus.reached(address)
            except PASSING as error:
                await self._tries.pause(error)

    async def _file(self, reached: Reached, sha256: bytes) -> File:
        """Raises Damaged."""
        file = await self._connection.ask(File, "GET", f"/files/{reached.file_id}")
        if file.sha256 == sha256.hex():
            return file
        # Somebody may have put another version there since.
        async for version in self._connection.pages(Version, f"/files/{file.id}/versions"):
            if version.sha256 == sha256.hex():
                return file.model_copy(update=version.model_dump(include={"version", "size", "sha256", "content_type"}))
        raise Damaged("What has been stored is not what was sent")

    async def _given_up(self, address: str, error: BaseException) -> None:
        """What can be gone on with stays where it is; of all else nothing is left."""
        may_go_on = not isinstance(error, StrongroomError) or isinstance(error, _KEPT_AFTER)
        if self._remembered is not None and may_go_on:
            return
        with suppress(StrongroomError, OSError):
            await self._tus.terminate(address)
            if self._remembered is not None:
                await self._remembered.clear()

"""Speaks tus 1.0: an upload in chunks, which stays where it has got to when a connection breaks."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import httpx2

from strongroom.client.connection import Connection
from strongroom.client.errors import NotFound, UnexpectedAnswer
from strongroom.service_call import Slices

_PATH = "/files/uploads"
_ADDRESS = re.compile(rf"{_PATH}/[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}$")
_VERSION = {"Tus-Resumable": "1.0.0"}


@dataclass(frozen=True, slots=True)
class Reached:
    """How many bytes are there, and which file they have become, once all of them are."""

    offset: int
    file_id: UUID | None
    length: int | None = None


class Tus:
    """An upload is known by its address below Strongroom's own.

    Of a `Location` only the id counts: it may have the public address where we came by another, and whatever it has,
    no token goes anywhere else.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def create(self, path: str, *, length: int | None, content_type: str | None) -> str:
        """The address, without an origin, of an upload for `path`; its length may be told with its last chunk."""
        about = {"Upload-Defer-Length": "1"} if length is None else {"Upload-Length": str(length)}
        headers = {**_VERSION, **about, "Upload-Metadata": _metadata(path, content_type)}
        answer = await self._connection.tell("POST", _PATH, headers=headers)
        found = address_in(answer.headers.get("location", ""))
        if found is None:
            raise UnexpectedAnswer("An upload without an address", answer.status_code)
        return found

    async def append(self, address: str, offset: int, chunk: Slices, checksum: bytes, length: int | None) -> Reached:
        """All of the chunk, or nothing of it. `checksum` is its SHA-256; `length` is told once it is known.

        Raises Conflict where the upload is not at `offset`.
        """
        headers = {
            **_VERSION,
            "Content-Type": "application/offset+octet-stream",
            "Upload-Offset": str(offset),
            "Upload-Checksum": f"sha256 {base64.b64encode(checksum).decode()}",
            **({} if length is None else {"Upload-Length": str(length)}),
        }
        # No deadline: a chunk takes as long as the line is slow. One on which nothing moves breaks off by itself.
        answer = await self._connection.tell("PATCH", address, content=chunk, headers=headers, deadline=float("inf"))
        return _reached(answer)

    async def reached(self, address: str) -> Reached:
        """Raises NotFound, Gone where it is not known any more."""
        if address_in(address) != address:
            raise NotFound("There is no such upload")
        return _reached(await self._connection.tell("HEAD", address, headers=_VERSION))

    async def terminate(self, address: str) -> None:
        await self._connection.tell("DELETE", address, headers=_VERSION, deadline=5)


def address_in(location: str) -> str | None:
    found = _ADDRESS.search(location)
    return found and found[0]


def _metadata(path: str, content_type: str | None) -> str:
    told = {"path": path} | ({} if content_type is None else {"filetype": content_type})
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in told.items())


def _reached(answer: httpx2.Response) -> Reached:
    offset = _number(answer.headers, "upload-offset")
    if offset is None:
        raise UnexpectedAnswer("An upload that is nowhere", answer.status_code)
    try:
        file_id = UUID(answer.headers["strongroom-file"]) if "strongroom-file" in answer.headers else None
    except ValueError as error:
        raise UnexpectedAnswer("A file without an id", answer.status_code) from error
    return Reached(offset, file_id, _number(answer.headers, "upload-length"))


def _number(headers: Mapping[str, str], name: str) -> int | None:
    value = headers.get(name, "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) <= 18 else None

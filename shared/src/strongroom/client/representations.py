"""Reads a file's bytes by HTTP: which they are, and one range of them at a time (RFC 9110 §14)."""

import base64
import binascii
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from http import HTTPStatus

import httpx2

from strongroom.client.connection import Connection, Query, chunks
from strongroom.client.errors import UnexpectedAnswer, Unreachable

_DIGEST = re.compile(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/=]{44}):")
_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})")


@dataclass(frozen=True, slots=True)
class Representation:
    """What is behind an address now: its strong entity tag, its size in bytes, its SHA-256 in hexadecimal."""

    etag: str
    size: int
    sha256: str


class Representations:
    def __init__(self, connection: Connection, address: str, version: int | None) -> None:
        self._connection = connection
        self._address = f"{address}/download"
        self._query: Query = {"version": version}

    async def current(self) -> Representation:
        answer = await self._connection.tell("HEAD", self._address, query=self._query)
        length = answer.headers.get("content-length", "")
        if not length.isdecimal():
            raise UnexpectedAnswer("A file without a size", answer.status_code)
        return Representation(_etag(answer), int(length), _sha256(answer))

    async def read(self, etag: str | None, start: int, end: int | None) -> AsyncGenerator[bytes, None]:
        """From `start` up to `end` (not included), of the representation with that tag, if there is one given.

        Raises PreconditionFailed where it is another by now, Unreachable where it breaks off.
        """
        headers = {} if etag is None else {"If-Match": etag}
        if start > 0 or end is not None:
            headers["Range"] = f"bytes={start}-{'' if end is None else end - 1}"
        async with self._connection.opened("GET", self._address, query=self._query, headers=headers) as answer:
            if etag is not None and _etag(answer) != etag:
                raise UnexpectedAnswer("Another file than the one asked for", answer.status_code)
            left = _length(answer, start, end if "Range" in headers else None, ranged="Range" in headers)
            async for chunk in chunks(answer):
                left -= len(chunk)
                if left < 0:
                    raise UnexpectedAnswer("More bytes than were asked for", answer.status_code)
                yield chunk
        if left:
            raise Unreachable("The answer ended before its end")


def _length(answer: httpx2.Response, start: int, end: int | None, *, ranged: bool) -> int:
    """How many bytes are to come. Raises UnexpectedAnswer where they are others than those asked for."""
    if not ranged:
        length = answer.headers.get("content-length", "")
        if answer.status_code == HTTPStatus.OK and length.isdecimal():
            return int(length)
        raise UnexpectedAnswer("Not the whole file", answer.status_code)
    found = _RANGE.fullmatch(answer.headers.get("content-range", ""))
    if answer.status_code == HTTPStatus.PARTIAL_CONTENT and found is not None:
        first, last, size = (int(one) for one in found.groups())
        if first == start and last == min(size, size if end is None else end) - 1:
            return last + 1 - first
    raise UnexpectedAnswer("Not the bytes that were asked for", answer.status_code)


def _etag(answer: httpx2.Response) -> str:
    etag: str = answer.headers.get("etag", "")
    if not etag.startswith('"'):
        raise UnexpectedAnswer("A file that nothing tells from another", answer.status_code)
    return etag


def _sha256(answer: httpx2.Response) -> str:
    found = _DIGEST.search(answer.headers.get("repr-digest", ""))
    try:
        return base64.b64decode(found[1] if found else "", validate=True).hex()
    except binascii.Error as error:
        raise UnexpectedAnswer("A file without its SHA-256", answer.status_code) from error

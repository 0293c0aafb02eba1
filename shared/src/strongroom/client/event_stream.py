"""Reads `text/event-stream` (HTML standard §9.2.6)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from strongroom.client.errors import UnexpectedAnswer

_LONGEST_BLOCK = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Block:
    """What stands between two empty lines; `event` is empty for one that only says how far the stream has got."""

    id: str
    event: str
    data: str


async def blocks(chunks: AsyncIterator[bytes]) -> AsyncIterator[Block]:
    """What is cut off at the end is not told. Raises UnexpectedAnswer for what never ends."""
    fields: dict[str, list[str]] = {}
    size = 0
    async for line in _lines(chunks):
        size += len(line)
        if size > _LONGEST_BLOCK:
            raise UnexpectedAnswer("An event without end")
        if line:
            name, _, value = line.partition(":")
            fields.setdefault(name, []).append(value.removeprefix(" "))
        elif fields:
            yield _block(fields)
            fields, size = {}, 0


def _block(fields: dict[str, list[str]]) -> Block:
    """An id with anything but digits would be a way to write headers."""
    position = fields.get("id", [""])[-1]
    data = "\n".join(fields.get("data", []))
    return Block(position if position.isascii() and position.isdigit() else "", fields.get("event", [""])[-1], data)


async def _lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[str]:
    """Ended by LF or CR LF, which is what our service sends."""
    rest = b""
    async for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line.removesuffix(b"\r").decode(errors="replace")
        if len(rest) > _LONGEST_BLOCK:
            raise UnexpectedAnswer("An event without end")

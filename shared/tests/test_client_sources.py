"""Whatever is uploaded comes in chunks of one size, of which the last is known."""

import io
import os

import pytest

from strongroom.client import (
    SourceChanged,
)
from strongroom.client.chunks import hashed
from strongroom.client.sources import chunked


class Trickle(io.RawIOBase):
    """A pipe that gives a little at a time."""

    def __init__(self, content: bytes) -> None:
        self._left = io.BytesIO(content)

    def read(self, size: int = -1) -> bytes:
        return self._left.read(min(size, 1000))


@pytest.mark.parametrize("size", [1, 999, 1000, 4096, 10_000])
async def test_chunks_are_of_one_size_whatever_they_come_from(size: int) -> None:
    content = os.urandom(10_001)
    for source in (content, io.BytesIO(content), Trickle(content), [content[:7], b"", content[7:]]):
        found = [one async for one in chunked(source, size)]
        assert b"".join(found) == content
        assert {len(one) for one in found[:-1]} <= {size}


@pytest.mark.parametrize("size", [None, 30])
async def test_the_last_chunk_is_known_as_such(size: int | None) -> None:
    found = [one async for one in hashed(chunked(b"x" * 30, 10), size)]
    assert [one.is_last for one in found] == [False, False, True]
    assert [one.start for one in found] == [0, 10, 20]


@pytest.mark.parametrize("size", [29, 31])
async def test_a_source_of_another_size_is_not_read_to_its_end(size: int) -> None:
    seen: list[bool] = []

    async def read() -> None:
        async for one in hashed(chunked(b"x" * 30, 10), size):
            seen.append(one.is_last)  # noqa: PERF401 - what came before it raised counts too

    with pytest.raises(SourceChanged):
        await read()
    assert not any(seen)

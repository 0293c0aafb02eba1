"""The writer of zip archives, at sizes that no test could store, and the names in them."""

import os
import zipfile
import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from file_service.archive.names import distinct
from file_service.archive.zipping import Member, zip_size, zipped

MIB = 1024 * 1024


def test_names_stay_apart_however_many_are_alike_and_none_gets_too_long() -> None:
    names = ["x" * 251 + ".txt"] * 1000 + ["é" * 127] * 3 + [".profile", ".profile", "a.tar.gz", "A.tar.gz"]
    found = distinct(names)
    assert len({name.casefold() for name in found}) == len(names)
    assert max(len(name.encode()) for name in found) == 255
    assert found[-4:] == [".profile", ".profile (2)", "a.tar.gz", "A.tar (2).gz"]


async def members(*sized: tuple[str, int, int | None]) -> AsyncIterator[tuple[Member, AsyncIterator[bytes]]]:
    for name, size, crc32 in sized:
        yield Member(name, size, crc32, datetime(2026, 5, 17, 12, 30, tzinfo=UTC)), zeros(size)


async def zeros(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // MIB):
        yield ZEROS
    yield ZEROS[: size % MIB]


def crc_of_zeros(size: int) -> int:
    crc = 0
    for _ in range(size // MIB):
        crc = zlib.crc32(ZEROS, crc)
    return zlib.crc32(ZEROS[: size % MIB], crc)


ZEROS = bytes(MIB)


async def saved_sparsely(blocks: AsyncIterator[bytes], where: Path) -> int:
    """Zeros take no room on the disk. Gives the size."""
    size = 0
    with where.open("wb") as file:
        async for block in blocks:
            size += len(block)
            if block.count(0) == len(block):
                file.seek(len(block), os.SEEK_CUR)
            else:
                file.write(block)
        file.truncate()
    return size


@pytest.mark.heavy
async def test_more_than_four_gib_in_one_file_and_before_another(tmp_path: Path) -> None:
    size = 5 * 1024 * MIB + 12345
    sized = [("large", size, crc_of_zeros(size)), ("behind it", 3, crc_of_zeros(3)), ("old", 70_000, None)]
    known = zip_size([Member(name, size, crc32, datetime.now(UTC)) for name, size, crc32 in sized[:2]])
    assert await saved_sparsely(zipped(members(*sized[:2])), tmp_path / "known.zip") == known
    await saved_sparsely(zipped(members(*sized)), tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        large, behind, old = archive.infolist()
        assert (large.file_size, large.compress_size, large.header_offset) == (size, size, 0)
        assert behind.header_offset > 5 * 1024 * MIB
        assert archive.read(behind) == b"\0\0\0"
        assert archive.read(old) == ZEROS[:70_000]
        with archive.open(large) as file:
            assert file.read(MIB) == ZEROS


@pytest.mark.heavy
async def test_more_files_than_a_zip_without_zip64_can_count(tmp_path: Path) -> None:
    sized = [(f"{number:05}", 0, 0) for number in range(66_000)]
    size = await saved_sparsely(zipped(members(*sized)), tmp_path / "many.zip")
    assert size == zip_size([Member(*one, datetime.now(UTC)) for one in sized])
    with zipfile.ZipFile(tmp_path / "many.zip") as archive:
        assert archive.namelist() == [name for name, _, _ in sized]

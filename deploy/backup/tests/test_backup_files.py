"""The files of a backup: what is written is read again as it was, and what is not as it was is noticed."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom_backup.errors import Damaged
from strongroom_backup.in_order import in_order
from strongroom_backup.packed import Packed, PackedWriter, unpacked, unpacked_lines
from strongroom_backup.stored import Kept, Lookup, kept_in, wanted_in


def written(path: Path, *pieces: bytes) -> Packed:
    with PackedWriter(path) as writer:
        for piece in pieces:
            writer.add(piece)
    return writer.packed


def key(number: int) -> str:
    return f"{UUID(int=number // 10)}/{UUID(int=number)}"


def kept(*numbers: int) -> list[Kept]:
    return [Kept(key(number), number, "ab") for number in numbers]


@given(pieces=st.lists(st.binary(max_size=50)))
def test_what_was_written_is_read(tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes]) -> None:
    path = tmp_path_factory.mktemp("packed") / "file"
    packed = written(path, *pieces)
    assert b"".join(unpacked(path, packed)) == b"".join(pieces)
    assert packed.size == path.stat().st_size
    assert packed.lines == b"".join(pieces).count(b"\n")


def test_a_large_file_is_read_in_small_pieces(tmp_path: Path) -> None:
    packed = written(tmp_path / "file", *[b"0" * 1_000_000 for _ in range(50)])  # a thousandth of it, compressed
    sizes = [len(piece) for piece in unpacked(tmp_path / "file", packed)]
    assert (sum(sizes), max(sizes) <= 1024 * 1024) == (50_000_000, True)


def flipped(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


@pytest.mark.parametrize("harm", [flipped, lambda content: content[:-9], lambda content: content + b"x", lambda _: b""])
def test_any_change_of_it_is_noticed(tmp_path: Path, harm: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "file"
    packed = written(path, b"one\ntwo\n")
    path.write_bytes(harm(path.read_bytes()))
    with pytest.raises(Damaged, match="file"):
        list(unpacked(path, packed))
    path.unlink()
    with pytest.raises(Damaged, match="file"):
        list(unpacked(path, packed))


def test_lines_are_put_together_across_pieces(tmp_path: Path) -> None:
    packed = written(tmp_path / "file", *[b"x" * 700_000 + b"\n" for _ in range(3)])
    assert [len(line) for line in unpacked_lines(tmp_path / "file", packed)] == [700_000] * 3


def test_objects_are_found_in_a_list_that_is_gone_through_once() -> None:
    lookup = Lookup(iter(kept(1, 3, 7)))
    found = [lookup.find(key(number)) for number in (0, 1, 2, 7, 9)]
    assert [one and one.size for one in found] == [None, 1, None, 7, None]


def test_a_list_of_objects_is_read_as_it_was_written(tmp_path: Path) -> None:
    packed = written(tmp_path / "list", *[one.line for one in kept(1, 3)])
    assert list(kept_in(tmp_path / "list", packed)) == kept(1, 3)


@pytest.mark.parametrize("bad", ["../../etc/passwd", "a/b", f"{UUID(int=1)}/..", f"{UUID(int=1)}/{UUID(int=2)}/x"])
def test_a_key_that_leads_elsewhere_is_refused(tmp_path: Path, bad: str) -> None:
    packed = written(tmp_path / "list", f"{bad}\t1\tab\n".encode())
    with pytest.raises(Damaged):
        list(kept_in(tmp_path / "list", packed))
    packed = written(tmp_path / "wanted", f"{bad}\t1\tab\tf\n".encode())
    with pytest.raises(Damaged):
        list(wanted_in(tmp_path / "wanted", packed))


# Several at once


async def test_results_come_in_order_and_no_more_are_at_it_than_may() -> None:
    at_it, most, turn = 0, 0, asyncio.Event()

    async def work(number: int) -> int:
        nonlocal at_it, most
        at_it += 1
        most = max(most, at_it)
        if number == 0:
            await turn.wait()  # the first is the last to be done
        if number == 2:
            turn.set()
        at_it -= 1
        return number

    assert [done async for done in in_order(range(10), work, 3)] == list(range(10))
    assert most <= 3


async def test_where_one_fails_the_others_are_cut_off() -> None:
    cut_off: list[int] = []

    async def work(number: int) -> None:
        if number == 1:
            raise Damaged("one")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cut_off.append(number)
            raise

    async def first() -> AsyncIterator[None]:
        async for _ in in_order([1, 2, 3], work, 3):
            yield

    with pytest.raises(Damaged, match="one"):
        async for _ in first():
            pass
    assert cut_off == [2, 3]

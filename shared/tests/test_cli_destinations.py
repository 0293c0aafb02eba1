"""Sources and destination on a command line: as `cp`, but for what could be meant either way."""

import asyncio
import io
import os
import shutil
import unicodedata
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from strongroom.cli.destinations import placed, told_apart
from strongroom.cli.failures import AlreadyThere, CommandError, WrongUsage
from strongroom.cli.getting import Getting, UnsafeName, Wanted, _as_file, _in_folder, _is_stdout, _place
from strongroom.cli.invocation import Invocation
from strongroom.cli.local_files import Found, Unreadable, found
from strongroom.cli.many import Many
from strongroom.cli.output import Output
from strongroom.cli.progress import Silent
from strongroom.cli.putting import Putting
from strongroom.client import File


def file(path: str) -> File:
    whatever: dict[str, Any] = {"size": 0, "content_type": "", "sha256": "", "version": 1}
    now = "2026-11-30T00:00:00Z"
    name = path.rpartition("/")[2]
    return File(id=uuid4(), filename=name, path=path, created_at=now, updated_at=now, **whatever)


def test_the_last_of_several_files_is_never_taken_for_a_destination_unasked() -> None:
    with pytest.raises(WrongUsage):
        told_apart(["a.csv", "b.csv", "c.csv"], None)
    assert told_apart(["a.csv", "b.csv", "c/"], None) == (["a.csv", "b.csv"], "c/")
    assert told_apart(["a.csv", "b.csv"], "c/") == (["a.csv", "b.csv"], "c/")
    assert told_apart(["a.csv", "b.csv"], None) == (["a.csv"], "b.csv")
    assert told_apart(["a.csv"], None) == (["a.csv"], None)


def test_a_folder_takes_names_and_anything_else_is_the_name() -> None:
    assert placed("a.csv", None) == placed("a.csv", "/") == "a.csv"
    assert placed("a.csv", "x/y/") == "x/y/a.csv"
    assert placed("a.csv", "x/y") == "x/y"
    with pytest.raises(WrongUsage):
        placed("a.csv", "x/y", several=True)


@pytest.mark.parametrize("path", ["f/../../evil", "f//etc/passwd", "f/..", "f/a\\..\\b", "f/\x1b]0;x"])
def test_what_the_server_calls_something_never_leaves_the_folder(tmp_path: Path, path: str) -> None:
    with pytest.raises(UnsafeName):
        _place(_in_folder(file(path), "f", f"{tmp_path}/"))


def test_a_link_in_the_way_does_not_lead_out_either(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "f").symlink_to(tmp_path)
    with pytest.raises(UnsafeName):
        _place(_in_folder(file("f/a.txt"), "f", f"{tmp_path}/here/"))


def test_a_folder_comes_by_its_own_name_or_as_it_is_to_be_called(tmp_path: Path) -> None:
    assert _place(_in_folder(file("x/f/a/b.txt"), "x/f", f"{tmp_path}/")) == tmp_path / "f" / "a" / "b.txt"
    assert _place(_in_folder(file("x/f/a/b.txt"), "x/f", f"{tmp_path}/new")) == tmp_path / "new" / "a" / "b.txt"
    assert _place(Wanted(file("a"), tmp_path, "../b", exact=True)) == tmp_path / "../b"  # the caller's own words


def test_a_folder_that_is_named_as_macos_writes_it_is_the_same(tmp_path: Path) -> None:
    given = unicodedata.normalize("NFD", "größe")
    there = unicodedata.normalize("NFC", given)
    assert _place(_in_folder(file(f"{there}/b.txt"), given, f"{tmp_path}/new")) == tmp_path / "new" / "b.txt"


def test_a_folder_is_walked_in_order_and_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    for name in ("b/2.txt", "b/1.txt", "a/3.txt", "c.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "b" / "dangling").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe")
    skipped: list[tuple[str, str]] = []
    walked = list(found(str(tmp_path), "t", lambda path, reason: skipped.append((path.name, reason))))
    assert [one.path for one in walked if isinstance(one, Found)] == ["t/c.txt", "t/a/3.txt", "t/b/1.txt", "t/b/2.txt"]
    assert len(walked) == 4
    assert skipped == [
        ("pipe", "not a file"),
        ("loop", "a link to a folder"),
        ("dangling", "a link that leads nowhere"),
    ]


def test_what_cannot_be_read_keeps_nothing_else_from_being_found(tmp_path: Path) -> None:
    for name in ("1.txt", "2.txt", "a/3.txt", "b/4.txt", "c/5.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    walking = found(str(tmp_path), "t", lambda _path, _reason: None)
    first = next(walking)
    (tmp_path / "2.txt").unlink()
    shutil.rmtree(tmp_path / "a")
    shutil.rmtree(tmp_path / "c")
    assert [(type(one), one.source.name) for one in (first, *walking)] == [
        (Found, "1.txt"),
        (Unreadable, "2.txt"),
        (Unreadable, "a"),
        (Found, "4.txt"),
        (Unreadable, "c"),
    ]


async def test_what_is_skipped_and_what_cannot_be_read_are_told_once_each(tmp_path: Path) -> None:
    out = Output(json=False, data=io.StringIO(), people=io.StringIO())
    cli = Invocation(out, {"HOME": str(tmp_path)})
    putting = Putting(cli, None, Silent(out), no_clobber=False)  # type: ignore[arg-type]
    putting.skipped(Path("t/pipe"), "not a file")
    with pytest.raises(CommandError):
        await Many(out).each([Unreadable(Path("t/a"), PermissionError(13, "Permission denied", "t/a"))], putting.one)
    told = out.people.getvalue()  # type: ignore[attr-defined]
    assert told == "strongroom: t/pipe: skipped, not a file\nstrongroom: t/a: Permission denied\n"


class Downloads:
    """Each file is its own path."""

    def __init__(self) -> None:
        self.files = self

    async def download(self, wanted: File, place: Path, **_: object) -> Path:
        await asyncio.to_thread(place.with_name("part").write_text, wanted.path)
        return await asyncio.to_thread(place.with_name("part").replace, place)

    async def stream(self, wanted: File) -> AsyncIterator[bytes]:
        yield wanted.path.encode()


@pytest.fixture
def getting() -> Getting:
    shown = Silent(Output(json=False, data=io.StringIO(), people=io.StringIO()))
    return Getting(Downloads(), shown, no_clobber=False)  # type: ignore[arg-type]


async def test_of_two_that_would_be_called_the_same_none_replaces_the_other(getting: Getting, tmp_path: Path) -> None:
    await getting.one(Wanted(file("a/x"), tmp_path, "x"))
    with pytest.raises(AlreadyThere):
        await getting.one(Wanted(file("b/x"), tmp_path, "x"))
    assert (tmp_path / "x").read_text() == "a/x"


@pytest.mark.parametrize("content", ["a/X", "before"], ids=["unchanged", "fetched"])
async def test_of_two_names_that_the_file_system_takes_for_one_none_replaces_the_other(
    getting: Getting, tmp_path: Path, content: str
) -> None:
    (tmp_path / "X").write_text(content)
    about = {"size": 3, "sha256": sha256(b"a/X").hexdigest()}
    await getting.one(Wanted(file("a/X").model_copy(update=about), tmp_path, "X"))
    (tmp_path / "x").hardlink_to(tmp_path / "X")  # as good as another name in Windows or macOS
    with pytest.raises(AlreadyThere):
        await getting.one(Wanted(file("a/x"), tmp_path, "x"))
    assert (tmp_path / "X").read_text() == "a/X"


async def test_a_pipe_is_written_to_and_stays(getting: Getting, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        await getting.one(_as_file(file("a/x"), str(pipe), several=False))
        assert os.read(reader, 100) == b"a/x"
    finally:
        os.close(reader)
    assert pipe.is_fifo()


async def test_a_link_that_the_caller_named_stays_and_what_it_leads_to_is_replaced(
    getting: Getting, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to("x")
    await getting.one(_as_file(file("a/x"), str(tmp_path / "link"), several=False))
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "x").read_text() == "a/x"


async def test_a_folder_where_a_file_would_go_is_told_and_left_alone(getting: Getting, tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    with pytest.raises(AlreadyThere, match="folder"):
        await getting.one(_as_file(file("a/x"), f"{tmp_path}/", several=False))
    assert list((tmp_path / "x").iterdir()) == []


def test_standard_output_is_known_by_its_other_name(tmp_path: Path) -> None:
    assert _is_stdout("/dev/stdout")
    assert not _is_stdout(str(tmp_path / "new"))

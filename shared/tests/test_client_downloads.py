"""Downloads from a server that lies, loses or breaks: nothing wrong is kept, and nothing goes on for ever."""

import asyncio
import base64
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from hashlib import sha256
from pathlib import Path

import pytest
from scripted_server import OneToken, ScriptedServer, a_file, problem
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp

from strongroom.client import (
    AsyncStrongroom,
    Damaged,
    File,
    Interrupted,
    UnexpectedAnswer,
)
from strongroom.client.spans import Spans

Serve = Callable[[ASGIApp], Awaitable[str]]
MIB = 1024 * 1024
CONTENT = os.urandom(20 * MIB)


def stored(content: bytes, **more: object) -> File:
    return File.model_validate(a_file(size=len(content), sha256=sha256(content).hexdigest(), **more))


class Store:
    """A file of `content`, served as HTTP has it. `spoil` is the last to touch each answer to a GET."""

    def __init__(self, content: bytes, spoil: Callable[[Response], Response] = lambda answer: answer) -> None:
        self.content = content
        self.spoil = spoil
        self.file = stored(content)

    def __call__(self, request: Request) -> Response:
        digest = sha256(self.content).digest()
        headers = {
            "ETag": f'"{digest.hex()}"',
            "Repr-Digest": f"sha-256=:{base64.b64encode(digest).decode()}:",
            "Accept-Ranges": "bytes",
        }
        if request.method == "HEAD":
            return Response(headers={**headers, "Content-Length": str(len(self.content))})
        if request.headers.get("if-match", headers["ETag"]) != headers["ETag"]:
            return problem(412, "precondition-failed")
        start, _, last = request.headers["range"].removeprefix("bytes=").partition("-")
        part = self.content[int(start) : int(last) + 1]
        headers["Content-Range"] = f"bytes {start}-{int(start) + len(part) - 1}/{len(self.content)}"
        return self.spoil(Response(part, 206, headers))


def left(folder: Path) -> dict[str, int]:
    """What is there, and how large."""
    return {one.name: one.stat().st_size for one in folder.iterdir()}


async def download(serve: Serve, store: Store, place: Path) -> Path:
    async with AsyncStrongroom(await serve(ScriptedServer(store)), OneToken(), patience=0.3) as strongroom:
        return await strongroom.files.download(store.file, place)


async def test_a_download_is_what_was_stored(serve: Serve, tmp_path: Path) -> None:
    place = await download(serve, Store(CONTENT), tmp_path / "found")
    assert place.read_bytes() == CONTENT
    assert left(tmp_path) == {"found": len(CONTENT)}


def other_bytes(answer: Response) -> Response:
    answer.body = b"\0" * len(answer.body)
    return answer


def other_range(answer: Response) -> Response:
    answer.headers["content-range"] = "bytes 1-2/3"
    return answer


def other_file(answer: Response) -> Response:
    answer.headers["etag"] = '"another"'
    return answer


def whole_file(answer: Response) -> Response:
    answer.status_code = 200
    return answer


def in_a_coding(answer: Response) -> Response:
    answer.headers["content-encoding"] = "gzip"
    return answer


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (other_bytes, Damaged),
        (other_range, UnexpectedAnswer),
        (other_file, UnexpectedAnswer),
        (whole_file, UnexpectedAnswer),
        (in_a_coding, UnexpectedAnswer),
        (lambda _: problem(503, "unavailable"), Interrupted),
    ],
)
async def test_what_is_not_the_file_never_takes_its_place(
    serve: Serve, tmp_path: Path, spoil: Callable[[Response], Response], kind: type[Exception]
) -> None:
    place = tmp_path / "found"
    place.write_bytes(b"what there was")
    with pytest.raises(kind):
        await download(serve, Store(CONTENT, spoil), place)
    assert place.read_bytes() == b"what there was"


async def test_of_what_was_damaged_nothing_is_left_and_a_later_call_gets_it(serve: Serve, tmp_path: Path) -> None:
    with pytest.raises(Damaged):
        await download(serve, Store(CONTENT, other_bytes), tmp_path / "found")
    assert left(tmp_path) == {}
    assert (await download(serve, Store(CONTENT), tmp_path / "found")).read_bytes() == CONTENT


async def test_more_bytes_than_were_asked_for_are_not_written(serve: Serve, tmp_path: Path) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"\0" * 65_536
            await asyncio.sleep(0)  # to notice that nobody listens any more

    def spoil(answer: Response) -> Response:
        headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
        return StreamingResponse(endless(), 206, headers)

    with pytest.raises(UnexpectedAnswer):
        await download(serve, Store(CONTENT, spoil), tmp_path / "found")
    assert sum(left(tmp_path).values()) < len(CONTENT) + MIB


async def test_a_part_that_is_not_what_it_says_is_begun_again(serve: Serve, tmp_path: Path) -> None:
    store = Store(CONTENT)
    known = {"etag": f'"{store.file.sha256}"', "size": len(CONTENT), "sha256": store.file.sha256}
    (tmp_path / "found.strongroom-part").write_bytes(b"\0" * len(CONTENT))
    (tmp_path / "found.strongroom-part.json").write_text(json.dumps({**known, "spans": [[0, MIB]]}))
    assert (await download(serve, store, tmp_path / "found")).read_bytes() == CONTENT


@pytest.mark.parametrize("about", ["", "{", '{"spans": [[5, 1]]}', '{"spans": [[0, 99999999999]]}', "[]"])
async def test_a_state_that_is_not_understood_begins_again(serve: Serve, tmp_path: Path, about: str) -> None:
    (tmp_path / "found.strongroom-part").write_bytes(b"x" * 100)
    (tmp_path / "found.strongroom-part.json").write_text(about)
    assert (await download(serve, Store(CONTENT), tmp_path / "found")).read_bytes() == CONTENT


@pytest.mark.parametrize("suffix", ["", ".json.new"])
async def test_a_link_where_the_part_goes_is_not_followed(serve: Serve, tmp_path: Path, suffix: str) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (tmp_path / f"found.strongroom-part{suffix}").symlink_to(victim)
    with pytest.raises(OSError, match="found"):
        await download(serve, Store(CONTENT), tmp_path / "found")
    assert victim.read_bytes() == b"precious"


async def test_a_pipe_is_not_replaced(serve: Serve, tmp_path: Path) -> None:
    place = tmp_path / "found"
    os.mkfifo(place)
    with pytest.raises(FileExistsError, match="found"):
        await download(serve, Store(CONTENT), place)
    assert place.is_fifo()
    assert left(tmp_path) == {"found": 0}


async def test_two_that_go_to_the_same_place_do_not_mix(serve: Serve, tmp_path: Path) -> None:
    ours, others = Store(CONTENT), Store(os.urandom(len(CONTENT)))
    found = await asyncio.gather(
        *(download(serve, one, tmp_path / "found") for one in (ours, others)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in found) == ["BlockingIOError", type(tmp_path).__name__]
    whose = ours if found[0] == tmp_path / "found" else others
    assert (tmp_path / "found").read_bytes() == whose.content
    assert left(tmp_path) == {"found": len(CONTENT)}


async def test_what_a_browser_left_behind_stays(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "found.part").write_bytes(b"precious")
    await download(serve, Store(CONTENT), tmp_path / "found")
    assert (tmp_path / "found.part").read_bytes() == b"precious"


@pytest.mark.parametrize("name", ["../evil", "..", "/etc/evil", "a\\b"])
async def test_a_name_from_the_server_does_not_lead_out_of_the_folder(serve: Serve, tmp_path: Path, name: str) -> None:
    store = Store(CONTENT)
    store.file = stored(CONTENT, filename=name)
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(ValueError, match="name"):
        await download(serve, store, folder)
    assert left(folder) == {}


def test_what_is_missing_is_what_is_not_there() -> None:
    spans = Spans([(10, 20), (0, 5), (20, 25), (40, 40)])
    assert list(spans) == [(0, 5), (10, 25)]
    assert (spans.total, spans.first_gap) == (20, 5)
    assert spans.missing(30, 3) == [(5, 8), (8, 10), (25, 28), (28, 30)]
    spans.add(3, 12)
    assert list(spans) == [(0, 25)]
    assert Spans().missing(0, 3) == []

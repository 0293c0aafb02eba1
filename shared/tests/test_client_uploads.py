"""Uploads to a server that lies, loses or breaks: nothing wrong is kept, and nothing goes on for ever."""

import asyncio
import base64
import os
from collections.abc import Awaitable, Callable
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest
from scripted_server import OneToken, ScriptedServer, a_file, document, problem
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from strongroom.client import (
    AsyncStrongroom,
    Damaged,
    File,
    Interrupted,
    PreconditionFailed,
    Refused,
    SourceChanged,
    UnexpectedAnswer,
)
from strongroom.client.sources import Fingerprint
from strongroom.client.upload_state import FileUploadStates, upload_key

Serve = Callable[[ASGIApp], Awaitable[str]]
MIB = 1024 * 1024
CONTENT = os.urandom(20 * MIB)
UPLOAD = "/files/uploads/01a20f6c-fcf2-75cb-bb0c-64e83538e9e7"


class Tus:
    """An upload at `location`. `spoil` may answer a PATCH instead."""

    def __init__(self, location: str = UPLOAD, spoil: Callable[[int], Response | None] = lambda _: None) -> None:
        self.location = location
        self.spoil = spoil
        self.received = bytearray()
        self.patches = 0
        self.sha256: str | None = None
        self.file_id = uuid4()

    async def __call__(self, request: Request) -> Response:
        match request.method:
            case "POST":
                return Response(status_code=201, headers={"Location": self.location})
            case "PATCH":
                self.patches += 1
                if (answer := self.spoil(self.patches)) is not None:
                    return answer
                self.received += await request.body()
            case "GET":
                digest = self.sha256 or sha256(self.received).hexdigest()
                if request.url.path.endswith("/versions"):
                    return document({"items": [], "next_cursor": None})
                return document(a_file(id=str(self.file_id), size=len(self.received), sha256=digest))
        done = {"Strongroom-File": str(self.file_id)} if len(self.received) == len(CONTENT) else {}
        return Response(headers={"Upload-Offset": str(len(self.received)), "Upload-Length": str(len(CONTENT)), **done})


async def upload(serve: Serve, tus: Tus) -> tuple[File, ScriptedServer]:
    server = ScriptedServer(tus)
    async with AsyncStrongroom(await serve(server), OneToken(), patience=0.3) as strongroom:
        return await strongroom.files.put(CONTENT, "large"), server


async def test_an_upload_arrives_with_a_checksum_of_each_chunk(serve: Serve) -> None:
    tus = Tus()
    file, server = await upload(serve, tus)
    assert file.sha256 == sha256(CONTENT).hexdigest()
    assert bytes(tus.received) == CONTENT
    patches = [(one, body) for one, body in zip(server.requests, server.bodies, strict=True) if one.method == "PATCH"]
    for request, body in patches:
        expected = base64.b64encode(sha256(body).digest()).decode()
        assert request.headers["upload-checksum"] == f"sha256 {expected}"
    assert [len(body) for _, body in patches] == [8 * MIB, 8 * MIB, 4 * MIB]


async def test_no_token_goes_where_a_location_leads(serve: Serve) -> None:
    other = ScriptedServer(lambda _: document({}))
    _, server = await upload(serve, Tus((await serve(other)) + UPLOAD))
    assert other.requests == []
    assert f"PATCH {UPLOAD}" in server.lines


@pytest.mark.parametrize("location", ["", "/auth/token", f"{UPLOAD}/../../../auth/token", "https://example.org/files"])
async def test_a_location_that_is_no_upload_is_refused(serve: Serve, location: str) -> None:
    with pytest.raises(UnexpectedAnswer):
        await upload(serve, Tus(location))


async def test_a_chunk_that_arrives_otherwise_than_sent_is_given_up(serve: Serve) -> None:
    tus = Tus(spoil=lambda _: problem(460, "checksum-mismatch"))
    with pytest.raises(Damaged):
        await upload(serve, tus)
    assert tus.patches == 3


async def test_one_that_arrives_otherwise_once_is_sent_again(serve: Serve) -> None:
    tus = Tus(spoil=lambda number: problem(460, "checksum-mismatch") if number == 2 else None)
    await upload(serve, tus)
    assert bytes(tus.received) == CONTENT


async def test_a_file_that_is_stored_otherwise_is_damaged(serve: Serve) -> None:
    tus = Tus()
    tus.sha256 = "0" * 64
    with pytest.raises(Damaged):
        await upload(serve, tus)


async def test_a_small_one_that_is_stored_otherwise_is_damaged(serve: Serve) -> None:
    url = await serve(ScriptedServer(lambda _: document(a_file(sha256="0" * 64), 201)))
    async with AsyncStrongroom(url, OneToken()) as strongroom:
        with pytest.raises(Damaged):
            await strongroom.files.put(b"hello", "a")


async def test_a_server_that_says_yes_and_takes_nothing_is_not_asked_for_ever(serve: Serve) -> None:
    tus = Tus(spoil=lambda _: Response(status_code=204, headers={"Upload-Offset": "0"}))
    with pytest.raises(UnexpectedAnswer):
        await upload(serve, tus)


async def test_a_server_that_is_away_is_not_asked_for_ever(serve: Serve) -> None:
    tus = Tus(spoil=lambda _: problem(503, "unavailable"))
    with pytest.raises(Interrupted):
        await upload(serve, tus)
    assert tus.patches >= 5


async def test_a_file_that_changes_while_it_is_read_is_not_uploaded(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "growing"
    path.write_bytes(CONTENT)
    tus = Tus()
    server = ScriptedServer(tus)

    def grow(done: int, _: int | None) -> None:
        with path.open("ab") as file:
            file.write(b"more")

    async with AsyncStrongroom(await serve(server), OneToken()) as strongroom:
        with pytest.raises(SourceChanged):
            await strongroom.files.put(path, "growing", progress=grow)
    assert len(tus.received) < len(CONTENT)
    assert server.lines[-1] == f"DELETE {UPLOAD}"


@pytest.mark.parametrize("whose", [b"hello", b"another"])
async def test_a_condition_that_an_attempt_of_ours_has_broken_is_met(serve: Serve, whose: bytes) -> None:
    """The first attempt stored it, and a proxy lost the answer."""
    there = a_file(path="a", size=len(whose), sha256=sha256(whose).hexdigest())
    answers = [problem(504, "upstream-timeout"), problem(412, "precondition-failed")]

    def answer(request: Request) -> Response:
        return answers.pop(0) if request.method == "PUT" else document({"items": [there], "next_cursor": None})

    async with AsyncStrongroom(await serve(ScriptedServer(answer)), OneToken()) as strongroom:
        putting = strongroom.files.put(b"hello", "a", if_none_match="*")
        if whose == b"hello":
            assert str((await putting).id) == there["id"]
        else:
            with pytest.raises(PreconditionFailed):
                await putting


async def test_a_condition_that_is_not_met_at_once_is_refused_whatever_is_there(serve: Serve) -> None:
    server = ScriptedServer(lambda _: problem(412, "precondition-failed"))
    async with AsyncStrongroom(await serve(server), OneToken()) as strongroom:
        with pytest.raises(PreconditionFailed):
            await strongroom.files.put(b"hello", "a", if_none_match="*")
    assert len(server.requests) == 1


@pytest.mark.parametrize(("status", "is_kept"), [(500, True), (401, True), (507, False)])
async def test_what_has_arrived_is_kept_where_a_later_call_may_go_on(
    serve: Serve, tmp_path: Path, status: int, is_kept: bool
) -> None:
    path = tmp_path / "large"
    path.write_bytes(CONTENT)
    states = FileUploadStates(tmp_path / "states")
    server = ScriptedServer(Tus(spoil=lambda number: problem(status, "broken") if number == 2 else None))
    url = await serve(server)
    async with AsyncStrongroom(url, OneToken()) as strongroom:
        with pytest.raises(Refused):
            await strongroom.files.put(path, "large", states=states)
    assert (states.load(upload_key(url, Fingerprint.of(path), "large")) is not None) == is_kept
    assert (f"DELETE {UPLOAD}" not in server.lines) == is_kept


def test_a_file_whose_time_was_set_back_is_another_upload(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(b"one")
    before = path.stat()
    first = upload_key("https://strongroom.example", Fingerprint.of(path), "large")
    assert upload_key("https://strongroom.example", Fingerprint.of(path), "large") == first
    while path.stat().st_ctime_ns == before.st_ctime_ns:  # as coarse as the clock of the file system is
        path.write_bytes(b"two")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert upload_key("https://strongroom.example", Fingerprint.of(path), "large") != first


async def test_an_upload_that_has_become_a_file_already_is_not_what_a_later_call_is_about(
    serve: Serve, tmp_path: Path
) -> None:
    """Or a file that was put, removed and put again would not be there."""
    path = tmp_path / "large"
    path.write_bytes(CONTENT)
    states = FileUploadStates(tmp_path / "states")
    finished = Tus()
    finished.received += CONTENT
    server = ScriptedServer(lambda _: problem(503, "unavailable"))
    url = await serve(server)
    states.save(upload_key(url, Fingerprint.of(path), "large"), UPLOAD)
    fresh = Tus(f"{UPLOAD[:-1]}8")
    server.answer = lambda request: (finished if request.method == "HEAD" and not fresh.received else fresh)(request)
    async with AsyncStrongroom(url, OneToken()) as strongroom:
        assert (await strongroom.files.put(path, "large", states=states)).id == fresh.file_id
    assert bytes(fresh.received) == CONTENT


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
async def test_a_named_pipe_is_read_to_its_end(serve: Serve, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    digest = sha256(b"hello").hexdigest()
    server = ScriptedServer(lambda _: document(a_file(sha256=digest), 201))
    writing = asyncio.create_task(asyncio.to_thread(pipe.write_bytes, b"hello"))
    async with AsyncStrongroom(await serve(server), OneToken()) as strongroom:
        assert (await strongroom.files.put(pipe, "a")).sha256 == digest
        await writing
    assert server.bodies == [b"hello"]


async def test_what_progress_raises_ends_it(serve: Serve) -> None:
    def stop(done: int, total: int | None) -> None:
        raise ZeroDivisionError

    async with AsyncStrongroom(await serve(ScriptedServer(Tus())), OneToken()) as strongroom:
        with pytest.raises(ZeroDivisionError):
            await strongroom.files.put(CONTENT, "large", progress=stop)

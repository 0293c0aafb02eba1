"""A parser that was taken over can read no secret that lies in a file, write nowhere else, and call nobody."""

import socket
from pathlib import Path

import pytest
from test_file_sandbox import LIMITS, InMemory, Kept

from file_service.parsers.contract import Task
from file_service.parsers.walls import landlock_version
from file_service.sandbox.errors import Unreadable
from file_service.sandbox.sandbox import Sandbox

pytestmark = pytest.mark.skipif(landlock_version() < 4, reason="no Landlock here, or one that knows no network")


async def ends(do: str, **options: str | int) -> str:
    task = Task("text/plain", "probe", {"do": do, **options})
    try:
        await Sandbox(at_once=1).run("probe", InMemory(b"x"), task, Kept(), LIMITS)
    except Unreadable as failure:
        return failure.reason
    return "well"


async def test_it_reads_what_everybody_may_and_nothing_else(tmp_path: Path) -> None:
    secret = tmp_path / "strongroom_master_key"
    secret.write_text("secret")
    assert await ends("pry", path="/etc/passwd") == "well"
    assert await ends("pry", path=str(secret)) == "crashed"
    assert await ends("pry", path="/proc/1/status") == "crashed"


async def test_it_writes_to_its_scratch_folder_only(tmp_path: Path) -> None:
    assert await ends("fill") == "well"
    assert await ends("scribble", path=str(tmp_path / "new")) == "crashed"
    assert await ends("scribble", path="/dev/shm/new") == "crashed"


async def test_it_calls_nobody() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        assert await ends("call", size=listening.getsockname()[1]) == "crashed"

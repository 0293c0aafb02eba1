"""Moving from elsewhere: what goes wrong for one person keeps nobody else from being moved."""

import asyncio
import os
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from scripted_server import ScriptedServer, document, problem
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

Serve = Callable[[ASGIApp], Awaitable[str]]
MOVING = Path(__file__).parents[2] / "deploy" / "moving"


def data_folder(folder: Path) -> Path:
    """Of PocketBase, with two people who have a file each."""
    with sqlite3.connect(folder / "data.db") as database:
        database.execute("create table _collections (id text, name text)")
        database.execute("insert into _collections values ('c1', 'users')")
        database.execute("create table users (id text, email text, verified int, password text)")
        for name in ("ada", "bob"):
            database.execute("insert into users values (?, ?, 1, '')", [name, f"{name}@old.example"])
            place = folder / "storage" / "c1" / name
            place.mkdir(parents=True)
            (place / "face.png").write_bytes(b"a picture")
    database.close()
    return folder


def answer(request: Request) -> Response:
    if request.url.path.startswith("/files/raw/users/ada"):
        return problem(422, "invalid-path")
    return document({"access_token": "t", "id": "new"}, 201)


async def test_a_file_that_is_refused_leaves_only_its_owner_behind(serve: Serve, tmp_path: Path) -> None:
    command = [str(MOVING), "--state", str(tmp_path), "pocketbase", str(data_folder(tmp_path))]
    environment = {**os.environ, "STRONGROOM_URL": await serve(ScriptedServer(answer))}
    environment.pop("STRONGROOM_DATABASE_URL", None)
    moving = await asyncio.create_subprocess_exec(
        sys.executable, *command, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    told, failed = (one.decode() for one in await moving.communicate())
    assert told == "bob@old.example: 1 files, and needs a new password\n"
    assert failed.startswith("ada@old.example: PUT ")
    assert failed.endswith("/files/raw/users/ada/face.png answers 422\n")
    assert moving.returncode == 1
    assert (tmp_path / "ids.csv").read_text() == "bob,new,bob@old.example\n"

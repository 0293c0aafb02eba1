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


async def moved(folder: Path, url: str) -> tuple[str, list[str], int | None]:
    """What it says, the lines of what went wrong, and its exit code. It remembers in the same folder."""
    environment = {**os.environ, "STRONGROOM_URL": url}
    environment.pop("STRONGROOM_DATABASE_URL", None)
    moving = await asyncio.create_subprocess_exec(
        *(sys.executable, str(MOVING), "--state", str(folder), "pocketbase", str(folder)),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    told, failed = (one.decode() for one in await moving.communicate())
    return told, failed.splitlines(), moving.returncode


async def test_a_file_that_is_refused_leaves_only_its_owner_behind(serve: Serve, tmp_path: Path) -> None:
    url = await serve(ScriptedServer(answer))
    told, (refused, summary), code = await moved(data_folder(tmp_path), url)
    assert told == "bob@old.example: 1 files, and needs a new password\n"
    assert refused == f"ada@old.example: PUT {url}/files/raw/users/ada/face.png answers 422"
    assert summary == f"{url}: 1 moved, 0 moved earlier, 1 left where they are"
    assert code == 1
    assert (tmp_path / "ids.csv").read_text() == "bob,new,bob@old.example\n"


async def test_who_comes_with_somebody_elses_address_gets_nothing_of_theirs(serve: Serve, tmp_path: Path) -> None:
    url = await serve(ScriptedServer(answer))
    with sqlite3.connect(data_folder(tmp_path) / "data.db") as database:
        database.execute("insert into users values ('ada2', 'ADA@old.example', 0, '$2b$…')")
        database.execute("insert into users values ('bob2', 'BOB@old.example', 0, '$2b$…')")
    database.close()
    for _ in range(2):  # also where the first one could not be moved
        _, failed, _ = await moved(tmp_path, url)
        assert "ADA@old.example: somebody else has that address too (ada2 is left alone)" in failed
        assert "BOB@old.example: somebody else has that address too (bob2 is left alone)" in failed
    assert (tmp_path / "ids.csv").read_text() == "bob,new,bob@old.example\n"


async def test_a_folder_remembers_one_strongroom(serve: Serve, tmp_path: Path) -> None:
    first, second = await serve(ScriptedServer(answer)), await serve(ScriptedServer(answer))
    await moved(data_folder(tmp_path), first)
    told, failed, code = await moved(tmp_path, second)
    assert (told, code) == ("", 1)
    assert failed == [f"{tmp_path}: remembers who was moved to {first}; --state names another folder"]
    _, (*_, summary), _ = await moved(tmp_path, f"{first}/")
    assert summary == f"{first}: 0 moved, 1 moved earlier, 1 left where they are"

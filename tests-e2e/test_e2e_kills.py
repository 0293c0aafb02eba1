"""A file service that is killed in the middle: what it answered is true, the rest is as before or as after."""

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import sha256
from typing import Any

import httpx2
import pytest
from app_client import App
from second_file_service import mortal_file_service
from stack import Stack

pytestmark = pytest.mark.heavy

ROUNDS = 8
CONTENT = {name: random.Random(name).randbytes(2_000_000) for name in ("old", "new")}

Answers = dict[str, bool]
Requests = dict[str, Callable[[httpx2.Client, str], httpx2.Response]]

REQUESTS: Requests = {
    "version": lambda http, _: http.put("/files/raw/version", content=CONTENT["new"]),
    "upload": lambda http, _: http.post("/files/upload", files={"file": ("upload", CONTENT["new"])}),
    "copy": lambda http, file: http.post(f"/files/{file}/copy", json={"path": "copied"}),
    "restore": lambda http, file: http.post(f"/files/{file}/restore", json={"version": 1}),
    "trash": lambda http, file: http.delete(f"/files/{file}"),
    "remove": lambda http, file: http.delete(f"/files/{file}", params={"permanent": True}),
    "move": lambda http, _: http.post("/files/folders/move", json={"source": "move", "destination": "moved"}),
}


def prepare(app: App) -> dict[str, str]:
    """A file for each request, with two versions."""
    ids = {}
    for name in REQUESTS:
        path = f"{name}/x" if name == "move" else name
        app.http.put(f"/files/raw/{path}", content=CONTENT["new"])
        ids[name] = app.http.put(f"/files/raw/{path}", content=CONTENT["old"]).json()["id"]
    return ids


def listing(app: App, *, trashed: bool) -> dict[str, dict[str, Any]]:
    answer = app.http.get("/files", params={"limit": 100, "trashed": trashed})
    return {item["path"]: item for item in answer.json()["items"]}


def digest(name: str) -> str:
    return sha256(CONTENT[name]).hexdigest()


def check(app: App, answered: Answers) -> None:
    tree, trash = listing(app, trashed=False), listing(app, trashed=True)
    for name in ("version", "upload", "restore"):
        assert tree[name]["sha256"] in ({digest("new")} if answered.get(name) else {digest("new"), digest("old")}), name
    assert "copied" in tree or not answered.get("copy")
    assert ("trash" in trash) != ("trash" in tree)
    assert "trash" in trash or not answered.get("trash")
    assert "remove" not in tree or not answered.get("remove")
    assert ("move/x" in tree) != ("moved/x" in tree)
    assert "moved/x" in tree or not answered.get("move")
    for item in tree.values():  # no row points at nothing
        for version in app.http.get(f"/files/{item['id']}/versions").json()["items"]:
            got = app.http.get(f"/files/{item['id']}/download", params={"version": version["version"]})
            assert sha256(got.content).hexdigest() == version["sha256"], item["path"]


def ask_all(app: App, origin: str, ids: dict[str, str], kill: Callable[[], None], after: float) -> Answers:
    """Everything at once, and the kill so many seconds later. Of what was answered until then: whether it was a yes."""
    answered: Answers = {}
    begin = threading.Barrier(len(REQUESTS) + 1)

    def ask(name: str) -> None:
        headers = {"Authorization": f"Bearer {app.tokens['access_token']}"}
        with httpx2.Client(base_url=origin, headers=headers, timeout=30, trust_env=False) as http:
            begin.wait()
            with suppress(httpx2.HTTPError):  # killed before it answered
                answered[name] = REQUESTS[name](http, ids[name]).is_success

    with ThreadPoolExecutor(len(REQUESTS)) as pool:
        asking = [pool.submit(ask, name) for name in REQUESTS]
        begin.wait()
        time.sleep(after)  # the moment is what is tried out
        kill()
        for one in asking:
            one.result()
    return answered


def test_a_file_service_that_is_killed_in_the_middle_of_anything(embedded: Stack) -> None:
    chance = random.Random(1)
    told = 0
    for _ in range(ROUNDS):
        with App(embedded.url) as app, mortal_file_service(embedded) as (origin, kill):
            app.sign_up()
            ids = prepare(app)
            answered = ask_all(app, origin, ids, kill, after=chance.uniform(0.005, 0.25))
            told += len(answered)
            check(app, answered)
    print(f"{told} of {ROUNDS * len(REQUESTS)} requests were answered before the kill")

"""What somebody does with their files from day to day, each thing once, and what must be found of it later."""

import base64
import os
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx2
from app_client import App

TUS = {"Tus-Resumable": "1.0.0"}
STREAM = {**TUS, "Content-Type": "application/offset+octet-stream"}


@dataclass
class Kept:
    """What must be found afterwards, wherever somebody looks."""

    hashes: dict[str, str] = field(default_factory=dict)  # of each file in the tree, by path
    links: dict[str, str] = field(default_factory=dict)  # the hash of what each leads to, by its path
    shared: dict[str, str] = field(default_factory=dict)  # with the friend, by the file's id

    def check(self, app: App, friend: App) -> None:
        """Reads every byte."""
        listed = {file["path"]: file for file in app.listing()}
        assert {path: file["sha256"] for path, file in listed.items()} == self.hashes
        for file in listed.values():
            assert _hash_of(app, file["id"]) == file["sha256"], file
        for file_id, expected in self.shared.items():
            assert _hash_of(friend, file_id) == expected
        for link, expected in self.links.items():
            assert _opened(app, link) == expected
        assert app.http.get("/files/usage").json()["count"] >= len(self.hashes)  # there is the trash too

    def put(self, app: App, path: str, content: bytes) -> dict[str, Any]:
        """A file, or a new version of the one that is there."""
        answer = app.http.put(f"/files/raw/{path}", content=content)
        assert answer.status_code == (200 if path in self.hashes else 201), answer.text
        self.hashes[path] = sha256(content).hexdigest()
        assert answer.json()["sha256"] == self.hashes[path]
        return dict(answer.json())


def day(app: App, friend: App, kept: Kept) -> None:
    """All of it, in a folder of its own, so that any number of days may go by, at any address."""
    folder = uuid4().hex
    _carry_on(app)
    _upload(app, kept, folder)
    _rearrange(app, kept, folder)
    _share(app, friend, kept, folder)
    _throw_away(app, kept, folder)
    _upload_in_parts(app, kept, folder)


def _carry_on(app: App) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": app.tokens["refresh_token"]}
    app.use(_ok(app.http.post("/auth/token", data=form)))
    assert _ok(app.http.get("/auth/profile"))["email"] == app.email


def _upload(app: App, kept: Kept, folder: str) -> None:
    content = os.urandom(300_000)
    made = app.send(content, "form.bin", path=f"{folder}/form.bin")
    assert made.status_code == 201, made.text
    kept.hashes[f"{folder}/form.bin"] = sha256(content).hexdigest()
    several = [("files", (f"{folder}-{number}.txt", b"x" * number)) for number in range(2)]
    assert app.http.post("/files/upload/multiple", files=several).status_code == 201
    kept.hashes |= {f"{folder}-{number}.txt": sha256(b"x" * number).hexdigest() for number in range(2)}
    first, file = (kept.put(app, f"{folder}/notes.txt", content) for content in (b"first", b"second"))
    earlier = app.http.get(f"/files/{file['id']}/download", params={"version": first["version"]})
    assert earlier.content == b"first"
    part = app.http.get(f"/files/{file['id']}/download", headers={"Range": "bytes=0-2"})
    assert (part.status_code, part.content) == (206, b"sec")


def _rearrange(app: App, kept: Kept, folder: str) -> None:
    file = kept.put(app, f"{folder}/draft.txt", b"a draft")
    changed = _ok(app.http.patch(f"/files/{file['id']}", json={"filename": "final.txt", "tags": ["done"]}))
    assert (changed["path"], changed["tags"]) == (f"{folder}/final.txt", ["done"])
    copied = app.http.post(f"/files/{file['id']}/copy", json={"path": f"{folder}/old/copy.txt"})
    assert copied.status_code == 201, copied.text
    _ok(app.http.post("/files/folders/move", json={"source": f"{folder}/old", "destination": f"{folder}/new"}))
    kept.hashes |= dict.fromkeys((f"{folder}/final.txt", f"{folder}/new/copy.txt"), kept.hashes.pop(file["path"]))
    (found,) = _ok(app.http.get("/files", params={"prefix": f"{folder}/", "tag": "done"}))["items"]
    assert found["id"] == file["id"]


def _share(app: App, friend: App, kept: Kept, folder: str) -> None:
    file = kept.put(app, f"{folder}/shared.bin", os.urandom(1000))
    account = _ok(friend.http.get("/auth/profile"))["id"]
    given = app.http.post(f"/files/{file['id']}/shares", json={"account_id": account, "permission": "read"})
    assert given.status_code == 201, given.text
    kept.shared[file["id"]] = file["sha256"]
    link = app.http.post(f"/files/{file['id']}/links", json={})
    assert link.status_code == 201, link.text
    path = urlsplit(link.json()["url"]).path
    assert _opened(app, path) == file["sha256"]
    kept.links[path] = file["sha256"]


def _throw_away(app: App, kept: Kept, folder: str) -> None:
    back, gone = (kept.put(app, f"{folder}/{name}.txt", name.encode()) for name in ("back", "gone"))
    for file in (back, gone):
        assert app.http.delete(f"/files/{file['id']}").status_code == 204
    _ok(app.http.post(f"/files/{back['id']}/restore"))
    assert app.http.delete(f"/files/{gone['id']}", params={"permanent": True}).status_code == 204
    assert app.http.get(f"/files/{gone['id']}").status_code == 404
    del kept.hashes[gone["path"]]


def _upload_in_parts(app: App, kept: Kept, folder: str) -> None:
    path = f"{folder}/parts.bin"
    address = begin(app, path, b"one ", 7)
    assert app.http.head(address, headers=TUS).headers["upload-offset"] == "4"
    finish(app, address, 4, b"two")
    kept.hashes[path] = sha256(b"one two").hexdigest()


def begin(app: App, path: str, first: bytes, length: int) -> str:
    """An upload that has more to come, by tus. Its path at whichever address."""
    named = {"Upload-Metadata": f"path {base64.b64encode(path.encode()).decode()}"}
    made = app.http.post("/files/uploads", headers={**TUS, "Upload-Length": str(length)} | named)
    assert made.status_code == 201, made.text
    address = urlsplit(made.headers["location"]).path
    finish(app, address, 0, first)
    return address


def finish(app: App, address: str, offset: int, rest: bytes) -> None:
    sent = app.http.patch(address, headers={**STREAM, "Upload-Offset": str(offset)}, content=rest)
    assert sent.status_code == 204, sent.text


def change_password(app: App, old: str, new: str) -> None:
    """Every other session of theirs ends by it."""
    changed = app.http.post("/auth/profile/password", json={"current_password": old, "new_password": new})
    assert changed.status_code == 204, changed.text


def _ok(answer: httpx2.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def _hash_of(app: App, file_id: str) -> str:
    return sha256(b"".join(app.download(file_id))).hexdigest()


def _opened(app: App, link: str) -> str:
    """As somebody without an account does."""
    answer = httpx2.get(str(app.http.base_url).rstrip("/") + link, trust_env=False)
    assert answer.status_code == 200, answer.text
    return sha256(answer.content).hexdigest()

"""What a client app does with Strongroom, over HTTP and nothing else."""

import ssl
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

import httpx2

PASSWORD = "tide-lantern-42-orchard"
_ENOUGH = httpx2.Timeout(120)


class App:
    """One person's client. Methods return the answer as it came; `sign_up` and `sign_in` also remember the token.

    `trust` are the certificates to believe where it speaks TLS.
    """

    def __init__(self, url: str, trust: ssl.SSLContext | None = None) -> None:
        self.http = httpx2.Client(base_url=url, timeout=_ENOUGH, trust_env=False, verify=trust or True)
        self.email = f"{uuid4().hex}@example.com"
        self.tokens: dict[str, Any] = {}

    def __enter__(self) -> "App":
        return self

    def __exit__(self, *failure: object) -> None:
        self.http.close()

    def sign_up(self) -> dict[str, Any]:
        answer = self.http.post("/auth/register", json={"email": self.email, "password": PASSWORD, "name": "Ada"})
        assert answer.status_code == 201, answer.text
        self.sign_in(self.email, PASSWORD)
        return dict(answer.json())

    def sign_in(self, username: str, password: str) -> None:
        form = {"grant_type": "password", "username": username, "password": password}
        answer = self.http.post("/auth/token", data=form)
        assert answer.status_code == 200, answer.text
        self.use(answer.json())

    def use(self, tokens: dict[str, Any]) -> None:
        self.tokens = tokens
        self.http.headers["Authorization"] = f"Bearer {tokens['access_token']}"

    def upload(self, content: bytes | IO[bytes], name: str = "notes.txt", **fields: str) -> httpx2.Response:
        return self.http.post("/files/upload", files={"file": (name, content)}, data=fields)

    def upload_path(self, path: Path) -> httpx2.Response:
        with path.open("rb") as source:
            return self.upload(source, path.name)

    def listing(self) -> list[dict[str, Any]]:
        """All files, page by page."""
        items: list[dict[str, Any]] = []
        cursor: str | None = ""
        while cursor is not None:
            page = self.http.get("/files", params={"limit": 100, **({"cursor": cursor} if cursor else {})}).json()
            items += page["items"]
            cursor = page["next_cursor"]
        return items

    def download(self, file_id: str) -> Iterable[bytes]:
        with self.http.stream("GET", f"/files/{file_id}/download") as answer:
            assert answer.status_code == 200
            yield from answer.iter_bytes()

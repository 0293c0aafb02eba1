"""What a client app does with Strongroom: through the client library, and over plain HTTP where a test looks closer."""

import ssl
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

import httpx2

from strongroom.client import File, KeptTokens, MemoryTokenStore, PersonTokens, Strongroom

PASSWORD = "tide-lantern-42-orchard"
_ENOUGH = httpx2.Timeout(120)


class App:
    """One person's client. `strongroom` is the library, with the same tokens as `http`, whose answers are as they came.

    `trust` are the certificates to believe where it speaks TLS.
    """

    def __init__(self, url: str, trust: ssl.SSLContext | None = None) -> None:
        self.http = httpx2.Client(base_url=url, timeout=_ENOUGH, trust_env=False, verify=trust or True)
        self.email = f"{uuid4().hex}@example.com"
        self._store = MemoryTokenStore()
        tokens = PersonTokens(url, self._store, verify=trust or True)
        self.strongroom = Strongroom(url, tokens, verify=trust or True)

    def __enter__(self) -> "App":
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def close(self) -> None:
        self.strongroom.close()
        self.http.close()

    def sign_up(self) -> dict[str, Any]:
        profile = self.strongroom.account.register(self.email, PASSWORD, "Ada")
        self.sign_in(self.email, PASSWORD)
        return profile.model_dump(mode="json")

    def sign_in(self, username: str, password: str) -> None:
        self.strongroom.account.sign_in(username, password)
        self._tell()

    def ask_for_tokens(self) -> dict[str, Any]:
        """As any program does that knows the password, with the headers of `http`."""
        form = {"grant_type": "password", "username": self.email, "password": PASSWORD}
        answer = self.http.post("/auth/token", data=form)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def use(self, tokens: Mapping[str, Any]) -> None:
        """Those that the token endpoint gave."""
        now = datetime.now(UTC)
        expires_at = now + timedelta(seconds=tokens.get("expires_in", 900))
        self.strongroom.account.adopt(KeptTokens(issued_at=now, expires_at=expires_at, **_pair(tokens)))
        self._tell()

    @property
    def tokens(self) -> dict[str, Any]:
        kept = self._store.load()
        return {} if kept is None else _pair(kept.model_dump())

    def kept(self) -> KeptTokens:
        found = self._store.load()
        assert found is not None
        return found

    def _tell(self) -> None:
        self.http.headers["Authorization"] = f"Bearer {self.tokens['access_token']}"

    def upload(self, content: bytes | IO[bytes] | Path, path: str = "notes.txt") -> dict[str, Any]:
        return _shown(self.strongroom.files.put(content, path))

    def send(self, content: bytes | IO[bytes], name: str = "notes.txt", **fields: str) -> httpx2.Response:
        """As a form does."""
        return self.http.post("/files/upload", files={"file": (name, content)}, data=fields)

    def listing(self) -> list[dict[str, Any]]:
        """All files, page by page."""
        return [_shown(file) for file in self.strongroom.files.list()]

    def download(self, file_id: str) -> Iterator[bytes]:
        return self.strongroom.files.stream(file_id)


def _shown(file: File) -> dict[str, Any]:
    return file.model_dump(mode="json", exclude={"derived", "snippet", "page"})


def _pair(tokens: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tokens.get(name) for name in ("access_token", "refresh_token")}

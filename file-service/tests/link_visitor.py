"""Somebody without an account who was given the address of a share link, and how it was made."""

import base64
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import httpx2
from file_client import FileClient

from strongroom.database import Database

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"}


def basic(credentials: str | bytes) -> dict[str, str]:
    raw = credentials.encode() if isinstance(credentials, str) else credentials
    return {"Authorization": f"Basic {base64.b64encode(raw).decode()}"}


async def linked(client: FileClient, content: bytes = b"some bytes", path: str = "notes.txt", **terms: Any) -> Any:
    """A new file and a link to it, as the service tells it."""
    file_id = (await client.upload(content, path=path)).json()["id"]
    return await _made(client, f"/files/{file_id}/links", terms)


async def linked_folder(client: FileClient, folder: str = "reports", **terms: Any) -> Any:
    return await _made(client, "/files/links", {"folder": folder, **terms})


async def _made(client: FileClient, path: str, wanted: dict[str, Any]) -> Any:
    answer = await client.post(path, wanted)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def prolong(database: Database) -> None:
    """Whoever has to wait before the next guess waits an hour longer: a second may pass before a test asks again."""
    async with database.begin() as tx:
        await tx.exec_driver_sql("update files.attempts set blocked_until = blocked_until + interval '1 hour'")


class LinkVisitor:
    """`url` is as it was given out; the tests' server stands in for the public address."""

    def __init__(self, http: httpx2.AsyncClient, origin: str) -> None:
        self._http = http
        self._origin = origin

    async def ask(
        self,
        url: str,
        method: str = "GET",
        *,
        password: str | None = None,
        query: str = "",
        form: dict[str, str] | None = None,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx2.Response:
        """As curl does; with a password, by HTTP Basic."""
        sent = {} if password is None else basic(f"anybody:{password}")
        address = self._origin + urlsplit(url).path + query
        return await self._http.request(method, address, headers={**sent, **(headers or {})}, data=form, content=body)

    async def browse(
        self, url: str, method: str = "GET", *, query: str = "", form: dict[str, str] | None = None
    ) -> httpx2.Response:
        return await self.ask(url, method, query=query, form=form, headers=BROWSER)


@dataclass
class Seen(HTMLParser):
    """What is on a page."""

    html: str
    text: str = ""
    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._in_style = False
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if not self._in_style:
            self.text += data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]

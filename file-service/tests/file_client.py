"""What a client app does with the file service."""

import asyncio
from collections.abc import AsyncIterable
from typing import Any

import httpx2
import jwt


class FileClient:
    """One account's view. Each method returns the answer as it came."""

    def __init__(self, http: httpx2.AsyncClient, origin: str, token: str | None) -> None:
        self.http = http
        self.origin = origin
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.token = token

    @property
    def account(self) -> str:
        assert self.token is not None
        return str(jwt.decode(self.token, options={"verify_signature": False})["sub"])

    async def upload(
        self, content: bytes, name: str = "notes.txt", kind: str = "text/plain", **fields: str
    ) -> httpx2.Response:
        files = {"file": (name, content, kind)}
        return await self.http.post(f"{self.origin}/files/upload", files=files, data=fields, headers=self.headers)

    async def upload_several(self, *files: tuple[str, bytes]) -> httpx2.Response:
        parts = [("files", (name, content, "text/plain")) for name, content in files]
        return await self.http.post(f"{self.origin}/files/upload/multiple", files=parts, headers=self.headers)

    async def send(
        self, body: bytes | AsyncIterable[bytes], *, kind: str, path: str = "/files/upload", **headers: str
    ) -> httpx2.Response:
        headers = {**self.headers, "Content-Type": kind, **headers}
        return await self.http.post(self.origin + path, content=body, headers=headers)

    async def put(
        self, path: str, body: bytes | AsyncIterable[bytes], prefix: str = "/files/raw/", **headers: str
    ) -> httpx2.Response:
        """A bare body. Names of headers are written with underscores."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.http.put(f"{self.origin}{prefix}{path}", content=body, headers=self.headers | sent)

    async def post(self, path: str, json: Any = None) -> httpx2.Response:
        return await self.http.post(self.origin + path, json=json, headers=self.headers)

    async def patch(self, where: str, /, **json: Any) -> httpx2.Response:
        return await self.http.patch(self.origin + where, json=json, headers=self.headers)

    async def derived(self, file_id: str) -> dict[str, Any]:
        """What was derived from a file, by the names of what read it, once all of it is over."""
        async with asyncio.timeout(60):
            while True:
                derived = (await self.get(f"/files/{file_id}")).json()["derived"]
                if all(one["state"] != "waiting" for one in derived):
                    return {one["name"]: one for one in derived}
                await asyncio.sleep(0.05)

    async def usage(self) -> tuple[int, int]:
        """Bytes and files."""
        told = (await self.get("/files/usage")).json()
        return told["bytes"], told["count"]

    async def paths(self, **params: Any) -> list[str]:
        """Of every file in a list, page by page."""
        found: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            answer = await self.get("/files", **params, **({"cursor": cursor} if cursor else {}))
            assert answer.status_code == 200, answer.text
            found += [file["path"] for file in answer.json()["items"]]
            cursor = answer.json()["next_cursor"]
        return found

    async def get(self, path: str, **params: Any) -> httpx2.Response:
        return await self.http.get(self.origin + path, params=params, headers=self.headers)

    async def delete(self, path: str, **params: Any) -> httpx2.Response:
        return await self.http.delete(self.origin + path, params=params, headers=self.headers)

    async def download(
        self, file_id: str, method: str = "GET", headers: dict[str, str] | None = None, **params: Any
    ) -> httpx2.Response:
        url = f"{self.origin}/files/{file_id}/download"
        return await self.http.request(method, url, params=params, headers=self.headers | (headers or {}))

"""What a client app does with the file service."""

from collections.abc import AsyncIterable
from typing import Any

import httpx2


class FileClient:
    """One account's view. Each method returns the answer as it came."""

    def __init__(self, http: httpx2.AsyncClient, origin: str, token: str | None) -> None:
        self.http = http
        self.origin = origin
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

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

    async def get(self, path: str, **params: Any) -> httpx2.Response:
        return await self.http.get(self.origin + path, params=params, headers=self.headers)

    async def delete(self, path: str, **params: Any) -> httpx2.Response:
        return await self.http.delete(self.origin + path, params=params, headers=self.headers)

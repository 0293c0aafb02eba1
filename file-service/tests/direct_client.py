"""What a client does that sends its bytes to the store itself, and fetches them from there."""

import asyncio
from hashlib import sha256
from typing import Any

import httpx2
from file_client import FileClient


class DirectClient:
    """One account's. Methods return the answer as it came, unless they say otherwise."""

    def __init__(self, files: FileClient) -> None:
        self.files = files

    async def create(self, size: int, path: str = "x", **more: str) -> httpx2.Response:
        return await self.files.post("/files/direct", {"path": path, "size": size, **more})

    async def created(self, size: int, path: str = "x", **more: str) -> str:
        """Where the new upload is."""
        answer = await self.create(size, path, **more)
        assert answer.status_code == 201, answer.text
        return f"/files/direct/{answer.json()['id']}"

    async def parts(self, where: str, **params: int) -> list[dict[str, Any]]:
        answer = await self.files.get(f"{where}/parts", **params)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])

    async def put(self, part: dict[str, Any], content: bytes, **headers: str) -> httpx2.Response:
        """To the store, without a token."""
        return await self.files.http.put(part["url"], content=content, headers=headers, timeout=60)

    async def send(self, where: str, content: bytes) -> list[dict[str, Any]]:
        """All parts at once. What they are named by."""
        parts = await self.parts(where, count=1000)
        starts = [sum(part["size"] for part in parts[:number]) for number in range(len(parts))]
        answers = await asyncio.gather(
            *(self.put(part, content[start : start + part["size"]]) for part, start in zip(parts, starts, strict=True))
        )
        assert {answer.status_code for answer in answers} == {200}, [answer.text for answer in answers]
        return [
            {"number": part["number"], "etag": answer.headers["etag"]}
            for part, answer in zip(parts, answers, strict=True)
        ]

    async def sent(self, content: bytes, path: str = "x", **more: str) -> tuple[str, list[dict[str, Any]]]:
        """An upload all of whose parts are there."""
        where = await self.created(len(content), path, **more)
        return where, await self.send(where, content)

    async def complete(self, where: str, named: list[dict[str, Any]], **more: str) -> httpx2.Response:
        url = f"{self.files.origin}{where}/complete"
        body = {"parts": named, **more}
        return await self.files.http.post(url, json=body, headers=self.files.headers, timeout=60)

    async def address(self, file_id: str, **params: Any) -> str:
        """Where to fetch the file from."""
        answer = await self.files.get(f"/files/{file_id}/direct", **params)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["url"])

    async def has_file(self, path: str, content: bytes) -> None:
        """Asserts that there is one at that path, with those bytes."""
        (file,) = (await self.files.get("/files", prefix=path)).json()["items"]
        assert (file["size"], file["sha256"]) == (len(content), sha256(content).hexdigest())
        assert (await self.files.download(file["id"])).content == content

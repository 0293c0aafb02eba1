"""What a tus client does, request by request."""

import asyncio
import base64
from collections.abc import AsyncIterable
from hashlib import sha256
from urllib.parse import urlsplit

import httpx2
from file_client import FileClient

TUS = {"Tus-Resumable": "1.0.0"}
STREAM = "application/offset+octet-stream"


def encoded(**metadata: str | bytes) -> str:
    """Of `Upload-Metadata`."""
    values = {key: value.encode() if isinstance(value, str) else value for key, value in metadata.items()}
    return ",".join(f"{key} {base64.b64encode(value).decode()}" for key, value in values.items())


def slug(answer: httpx2.Response) -> str:
    return str(answer.json()["type"]).rpartition(":")[2]


class TusClient:
    """One account's. Methods return the answer as it came, unless they say otherwise."""

    def __init__(self, files: FileClient) -> None:
        self.files = files
        self.origin = files.origin
        self.headers = {**files.headers, **TUS}

    async def ask(
        self, method: str, path: str, body: bytes | AsyncIterable[bytes] | None = None, **headers: str
    ) -> httpx2.Response:
        """Names of headers are written with underscores."""
        together = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name.encode(): value.encode() for name, value in together.items()}
        return await self.files.http.request(method, self.origin + path, content=body, headers=sent, timeout=60)

    async def create(
        self, length: int | None, name: str = "f", body: bytes | None = None, **headers: str
    ) -> httpx2.Response:
        headers = {"Upload_Metadata": encoded(filename=name)} | headers
        if length is None:
            headers["Upload_Defer_Length"] = "1"
        elif length >= 0:
            headers["Upload_Length"] = str(length)
        if body is not None:
            headers.setdefault("Content_Type", STREAM)
        return await self.ask("POST", "/files/uploads", body, **headers)

    async def created(self, length: int | None, name: str = "f", **headers: str) -> str:
        """The path of a new upload."""
        answer = await self.create(length, name, None, **headers)
        assert answer.status_code == 201, answer.text
        return urlsplit(answer.headers["location"]).path

    async def patch(
        self, path: str, offset: int, body: bytes | AsyncIterable[bytes], **headers: str
    ) -> httpx2.Response:
        headers = {"Upload_Offset": str(offset), "Content_Type": STREAM} | headers
        return await self.ask("PATCH", path, body, **headers)

    async def head(self, path: str) -> httpx2.Response:
        return await self.ask("HEAD", path)

    async def offset(self, path: str) -> int:
        """As HEAD tells it."""
        answer = await self.head(path)
        assert answer.status_code == 200, answer.status_code
        return int(answer.headers["upload-offset"])

    async def settled(self, path: str) -> int:
        """The offset once no request holds the upload any more: an empty PATCH is let in."""
        async with asyncio.timeout(20):
            while True:
                offset = await self.offset(path)
                answer = await self.patch(path, offset, b"")
                if answer.status_code == 204:
                    return offset
                assert answer.status_code in {409, 423}, answer.text
                await asyncio.sleep(0.01)

    async def cut(self, path: str, offset: int, body: bytes, *, announced: int) -> None:
        """A PATCH whose connection breaks after `body`, of `announced` bytes."""
        address = urlsplit(self.origin)
        _, writer = await asyncio.open_connection(address.hostname, address.port)
        headers = {
            **self.headers,
            "Host": address.netloc,
            "Content-Type": STREAM,
            "Upload-Offset": str(offset),
            "Content-Length": str(announced),
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        writer.write(f"PATCH {path} HTTP/1.1\r\n{head}\r\n".encode() + body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async def has_file(self, path: str, content: bytes) -> None:
        """Asserts that there is one at that path, with those bytes."""
        items = (await self.files.get("/files", prefix=path)).json()["items"]
        (file,) = [item for item in items if item["path"] == path]
        assert (file["size"], file["sha256"]) == (len(content), sha256(content).hexdigest())
        assert (await self.files.download(file["id"])).content == content

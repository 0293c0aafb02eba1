"""Keeps objects in MinIO, or in any store that speaks S3."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from itertools import islice
from typing import TypeVar
from urllib.parse import urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import structlog
from minio import Minio
from minio.commonconfig import ComposeSource
from minio.datatypes import Object
from minio.deleteobjects import DeleteObject
from minio.error import MinioException, S3Error
from urllib3.exceptions import HTTPError

from file_service.storage.object_store import ObjectMissing, StoredObject, StoreUnavailable
from file_service.storage.signed_requests import SignedRequests

log = structlog.get_logger()

T = TypeVar("T")

# Bytes of unknown length wait here until a part is full. S3 takes 10,000 parts of at least 5 MiB: this allows 80 GiB.
_PART_BYTES = 8 * 1024 * 1024
_LARGEST_PUT = 5 * 1024**3


def connect(endpoint: str, access_key: str, secret_key: str, region: str) -> Minio:
    """The SDK's client. The region is given so that signing never has to ask the store for it."""
    address = urlsplit(endpoint)
    return Minio(
        endpoint=address.netloc,
        access_key=access_key,
        secret_key=secret_key,
        secure=address.scheme == "https",
        region=region,
    )


class MinioObjectStore:
    """Implements ObjectStore. Build it inside the running event loop."""

    def __init__(self, client: Minio, bucket: str) -> None:
        self._client = client
        self._bucket = bucket
        self._requests = SignedRequests(client, bucket)

    async def put(self, key: str, chunks: AsyncIterable[bytes], *, size: int | None = None) -> None:
        if size is not None and size <= _LARGEST_PUT:
            # What is refused at its first piece is never begun: some stores keep what was cut off for a moment.
            async with self._requests.send("PUT", key, body=await _begun(chunks), size=size):
                return
        async with aclosing(_parts(chunks)) as parts:
            first = await anext(parts, _Part())
            if first.size < _PART_BYTES:
                async with self._requests.send("PUT", key, body=first, size=first.size):
                    return
            upload_id = await self._create_upload(key)
            try:
                # Begun here and not kept: a part is let go as soon as it is sent.
                sending = asyncio.create_task(self._put_part(key, upload_id, 1, first))
                del first
                await self._complete_upload(key, upload_id, await self._put_parts(key, upload_id, sending, parts))
            except BaseException:
                # Cancellation too: parts that nobody completes are paid for, and never seen again.
                await asyncio.shield(self._abort_upload(key, upload_id))
                raise

    async def _put_parts(
        self, key: str, upload_id: str, sending: asyncio.Task[str], rest: AsyncIterable["_Part"]
    ) -> Sequence[str]:
        """The next part fills while one is on its way: two parts in memory at most."""
        etags: list[str] = []
        try:
            async for part in rest:
                etags.append(await sending)
                sending = asyncio.create_task(self._put_part(key, upload_id, len(etags) + 1, part))
            etags.append(await sending)
        finally:
            await _stop(sending)
        return etags

    async def _create_upload(self, key: str) -> str:
        async with self._requests.send("POST", key, query={"uploads": ""}) as response:
            return _text(await response.read(), "UploadId")

    async def _put_part(self, key: str, upload_id: str, number: int, part: "_Part") -> str:
        query = {"partNumber": str(number), "uploadId": upload_id}
        async with self._requests.send("PUT", key, query=query, body=part, size=part.size) as response:
            return response.headers["ETag"]

    async def _complete_upload(self, key: str, upload_id: str, etags: Sequence[str]) -> None:
        listed = "".join(
            f"<Part><PartNumber>{number}</PartNumber><ETag>{escape(etag)}</ETag></Part>"
            for number, etag in enumerate(etags, 1)
        )
        body = f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode()
        async with self._requests.send("POST", key, query={"uploadId": upload_id}, body=body) as response:
            # S3 may say 200 first and find out later: only an answer with an ETag is a success.
            _text(await response.read(), "ETag")

    async def _abort_upload(self, key: str, upload_id: str) -> None:
        try:
            async with self._requests.send("DELETE", key, query={"uploadId": upload_id}):
                pass
        except Exception as error:
            log.warning("store.abort_failed", key=key, exc_info=error)

    @asynccontextmanager
    async def get(self, key: str, *, start: int = 0, length: int | None = None) -> AsyncIterator[AsyncIterator[bytes]]:
        if length == 0:
            yield _nothing()
            return
        span = None if length is None else (start, start + length - 1)
        async with self._requests.send("GET", key, span=span) as response:
            yield response.content.iter_any()

    async def copy(self, source: str, target: str) -> None:
        # Composed of one source it is one request up to 5 GiB, and above that as many as it takes.
        whole = ComposeSource(bucket_name=self._bucket, object_name=source)
        await self._in_thread(
            lambda: self._client.compose_object(bucket_name=self._bucket, object_name=target, sources=[whole])
        )

    async def page(self, after: str, limit: int) -> Sequence[StoredObject]:
        found = await self._in_thread(
            lambda: list(
                islice(self._client.list_objects(bucket_name=self._bucket, recursive=True, start_after=after), limit)
            )
        )
        return [_stored(one) for one in found]

    async def delete(self, keys: Iterable[str]) -> None:
        doomed = [DeleteObject(name=key) for key in keys]
        failures = await self._in_thread(
            lambda: list(self._client.remove_objects(bucket_name=self._bucket, delete_object_list=doomed))
        )
        if left := [failure for failure in failures if failure.code != "NoSuchKey"]:
            raise StoreUnavailable from OSError(f"{len(left)} objects were not deleted: {left[0].code}")

    async def ping(self) -> None:
        if not await self._in_thread(lambda: self._client.bucket_exists(bucket_name=self._bucket)):
            raise StoreUnavailable(f"There is no bucket {self._bucket}")

    async def _in_thread(self, call: Callable[[], T]) -> T:
        try:
            return await asyncio.to_thread(call)
        except S3Error as error:
            raise (ObjectMissing if error.code == "NoSuchKey" else StoreUnavailable) from error
        except (MinioException, HTTPError) as error:
            raise StoreUnavailable from error

    async def aclose(self) -> None:
        await self._requests.aclose()


class _Part:
    """Up to `_PART_BYTES` of a stream, kept in the pieces it came in so that nothing is copied."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.size = 0

    def add(self, piece: bytes) -> bytes:
        """Returns what did not fit."""
        room = _PART_BYTES - self.size
        fitting, rest = (piece, b"") if len(piece) <= room else (piece[:room], piece[room:])
        self._pieces.append(fitting)
        self.size += len(fitting)
        return rest

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece


async def _parts(chunks: AsyncIterable[bytes]) -> AsyncGenerator[_Part, None]:
    part = _Part()
    async for chunk in chunks:
        rest = part.add(chunk)
        while part.size == _PART_BYTES:
            yield part
            part = _Part()
            rest = part.add(rest)
    if part.size:
        yield part


async def _begun(chunks: AsyncIterable[bytes]) -> AsyncIterable[bytes]:
    """The same, with its first piece at hand."""
    rest = aiter(chunks)
    first = await anext(rest, None)

    async def whole() -> AsyncIterator[bytes]:
        if first is not None:
            yield first
            async for chunk in rest:
                yield chunk

    return whole()


async def _nothing() -> AsyncGenerator[bytes, None]:
    """An empty range cannot be asked for (RFC 9110 §14.1.2)."""
    yield b""


def _stored(found: Object) -> StoredObject:
    assert found.object_name is not None and found.size is not None and found.last_modified is not None  # noqa: PT018
    return StoredObject(found.object_name, found.size, found.last_modified)


async def _stop(task: "asyncio.Task[str]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError, Exception):
        await task


def _text(document: bytes, name: str) -> str:
    """The element's text in one of the store's answers."""
    try:
        for element in ElementTree.fromstring(document).iter():  # noqa: S314 - our own store's answer
            if element.tag.rpartition("}")[2] == name and element.text:
                return element.text
    except ElementTree.ParseError as error:
        raise StoreUnavailable from error
    raise StoreUnavailable from OSError(document[:2000].decode("utf-8", "replace"))

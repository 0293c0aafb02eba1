"""Keeps objects in MinIO, or in any store that speaks S3."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, asynccontextmanager, suppress
from itertools import islice
from typing import TypeVar
from urllib.parse import urlsplit

import urllib3
from minio import Minio
from minio.commonconfig import ComposeSource
from minio.datatypes import Object
from minio.deleteobjects import DeleteObject
from minio.error import MinioException, S3Error
from urllib3.exceptions import HTTPError

from file_service.storage.minio_multipart import MinioMultipart
from file_service.storage.object_store import ObjectMissing, StoredObject, StoreUnavailable
from file_service.storage.parts import Part, parts_of
from file_service.storage.signed_requests import Pool, SignedRequests
from strongroom.spans import Kind, step

T = TypeVar("T")

_LARGEST_PUT = 5 * 1024**3
_PIECE = 64 * 1024
_DEFAULTS = Pool()
# What goes through the SDK is small and held in memory. Its own timeouts would have a store that is gone keep a thread
# for half an hour.
_CONNECT, _READ, _RETRIES, _THREADS = 5, 300, 2, 8


def connect(endpoint: str, access_key: str, secret_key: str, region: str) -> Minio:
    """The SDK's client. The region is given so that signing never has to ask the store for it."""
    address = urlsplit(endpoint)
    return Minio(
        endpoint=address.netloc,
        access_key=access_key,
        secret_key=secret_key,
        secure=address.scheme == "https",
        region=region,
        http_client=urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=_CONNECT, read=_READ),
            maxsize=_THREADS,
            retries=urllib3.Retry(total=_RETRIES, backoff_factor=0.2, status_forcelist=[500, 502, 503, 504]),
        ),
    )


class MinioObjectStore(MinioMultipart):
    """Implements ObjectStore and MultipartStore. Build it inside the running event loop."""

    def __init__(self, client: Minio, bucket: str, pool: Pool = _DEFAULTS) -> None:
        super().__init__(SignedRequests(client, bucket, pool))
        self._client = client
        # Of its own: who waits for a name to be looked up must not wait behind a store that hangs.
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="store")
        self._bucket = bucket

    async def put(self, key: str, chunks: AsyncIterable[bytes], *, size: int | None = None) -> None:
        if size is not None and size <= _LARGEST_PUT:
            # What is refused at its first piece is never begun: some stores keep what was cut off for a moment.
            async with self._requests.send("PUT", key, body=await _begun(chunks), size=size):
                return
        async with aclosing(parts_of(chunks)) as parts:
            first = await anext(parts, Part())
            if not first.is_full:
                async with self._requests.send("PUT", key, body=first, size=first.size):
                    return
            upload_id = await self.begin(key)
            try:
                # Begun here and not kept: a part is let go as soon as it is sent.
                sending = asyncio.create_task(self.put_part(key, upload_id, 1, first))
                del first
                etags = await self._put_parts(key, upload_id, sending, parts)
                await self.complete(key, upload_id, list(enumerate(etags, 1)))
            except BaseException:
                # Cancellation too: parts that nobody completes are paid for, and never seen again.
                await asyncio.shield(self.give_up(key, upload_id))
                raise

    async def _put_parts(
        self, key: str, upload_id: str, sending: asyncio.Task[str], rest: AsyncIterable[Part]
    ) -> Sequence[str]:
        """The next part fills while one is on its way: two parts in memory at most."""
        etags: list[str] = []
        try:
            async for part in rest:
                etags.append(await sending)
                sending = asyncio.create_task(self.put_part(key, upload_id, len(etags) + 1, part))
            etags.append(await sending)
        finally:
            await _stop(sending)
        return etags

    @asynccontextmanager
    async def get(self, key: str, *, start: int = 0, length: int | None = None) -> AsyncIterator[AsyncIterator[bytes]]:
        if length == 0:
            yield _nothing()
            return
        span = None if length is None else (start, start + length - 1)
        async with self._requests.send("GET", key, span=span) as response:
            # In pieces, or a client that stalls would hold all that was read ahead, while as much again is read.
            yield response.content.iter_chunked(_PIECE)

    async def copy(self, source: str, target: str) -> None:
        # Composed of one source it is one request up to 5 GiB, and above that as many as it takes.
        await self.compose([source], target)

    async def compose(self, sources: Sequence[str], target: str) -> None:
        wholes = [ComposeSource(bucket_name=self._bucket, object_name=source) for source in sources]
        await self._in_thread(
            "compose",
            lambda: self._client.compose_object(bucket_name=self._bucket, object_name=target, sources=wholes),
        )

    async def page(self, after: str, limit: int) -> Sequence[StoredObject]:
        found = await self._in_thread(
            "list",
            lambda: list(
                islice(self._client.list_objects(bucket_name=self._bucket, recursive=True, start_after=after), limit)
            ),
        )
        return [_stored(one) for one in found]

    async def delete(self, keys: Iterable[str]) -> None:
        doomed = [DeleteObject(name=key) for key in keys]
        failures = await self._in_thread(
            "delete",
            lambda: list(self._client.remove_objects(bucket_name=self._bucket, delete_object_list=doomed)),
        )
        if left := [failure for failure in failures if failure.code != "NoSuchKey"]:
            raise StoreUnavailable from OSError(f"{len(left)} objects were not deleted: {left[0].code}")

    async def ping(self) -> None:
        if not await self._in_thread("ping", lambda: self._client.bucket_exists(bucket_name=self._bucket)):
            raise StoreUnavailable(f"There is no bucket {self._bucket}")

    async def _in_thread(self, what: str, call: Callable[[], T]) -> T:
        try:
            with step(f"S3 {what}", Kind.CLIENT, {}):
                return await asyncio.get_running_loop().run_in_executor(self._threads, call)
        except S3Error as error:
            raise (ObjectMissing if error.code == "NoSuchKey" else StoreUnavailable) from error
        except (MinioException, HTTPError) as error:
            raise StoreUnavailable from error

    async def aclose(self) -> None:
        self._threads.shutdown(wait=False)
        await self._requests.aclose()


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

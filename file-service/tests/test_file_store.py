"""What every ObjectStore promises, shown on the real S3 server."""

import asyncio
import os
from collections.abc import AsyncIterator

import pytest
from leftovers import Leftovers

from file_service.storage.minio_object_store import MinioObjectStore, connect
from file_service.storage.object_store import ObjectMissing, StoreUnavailable, WrongSize
from strongroom_embedded.seaweed import EmbeddedSeaweed

MIB = 1024 * 1024
PART = 8 * MIB


async def pieces(content: bytes, size: int = 100_000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def fetched(store: MinioObjectStore, key: str) -> bytes:
    async with store.get(key) as chunks:
        return b"".join([chunk async for chunk in chunks])


@pytest.mark.parametrize("size", [0, 1, MIB, PART - 1, PART, PART + 1, 2 * PART, 3 * PART + 12345])
@pytest.mark.parametrize("known", [True, False])
async def test_what_was_put_is_what_is_got(store: MinioObjectStore, size: int, known: bool) -> None:
    content = os.urandom(size)
    await store.put("some/key", pieces(content), size=size if known else None)
    assert await fetched(store, "some/key") == content


@pytest.mark.parametrize("before", [0, MIB, PART + MIB, 3 * PART])
@pytest.mark.parametrize("known", [True, False])
async def test_a_stream_that_breaks_leaves_nothing(
    store: MinioObjectStore, leftovers: Leftovers, before: int, known: bool
) -> None:
    class Broken(Exception):
        pass

    async def breaking() -> AsyncIterator[bytes]:
        async for piece in pieces(os.urandom(before)):
            yield piece
        raise Broken

    with pytest.raises(Broken):
        await store.put("some/key", breaking(), size=before + 1 if known else None)
    assert leftovers.objects() == set()
    assert leftovers.unfinished_uploads() == []


@pytest.mark.parametrize("before", [0, MIB, PART + MIB, 3 * PART])
@pytest.mark.parametrize("known", [True, False])
async def test_a_cancelled_put_leaves_nothing(
    store: MinioObjectStore, leftovers: Leftovers, before: int, known: bool
) -> None:
    waiting = asyncio.Event()

    async def stalling() -> AsyncIterator[bytes]:
        async for piece in pieces(os.urandom(before)):
            yield piece
        waiting.set()
        await asyncio.Event().wait()

    putting = asyncio.create_task(store.put("some/key", stalling(), size=before + 1 if known else None))
    await waiting.wait()
    putting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await putting
    assert leftovers.objects() == set()
    assert leftovers.unfinished_uploads() == []


@pytest.mark.parametrize("size", [0, 9, 11])
async def test_a_stream_of_another_size_than_announced_is_not_stored(
    store: MinioObjectStore, leftovers: Leftovers, size: int
) -> None:
    with pytest.raises(WrongSize):
        await store.put("some/key", pieces(b"x" * 10), size=size)
    assert leftovers.objects() == set()


async def test_an_object_that_is_not_there_is_missing_before_a_byte_is_read(store: MinioObjectStore) -> None:
    with pytest.raises(ObjectMissing):
        async with store.get("no/such/key"):
            pytest.fail("entered")


async def test_deleting_is_fine_with_what_is_not_there(store: MinioObjectStore, leftovers: Leftovers) -> None:
    for key in ("a", "b", "c"):
        await store.put(key, pieces(b"x"))
    await store.delete(["a", "c", "never was"])
    assert leftovers.objects() == {"b"}
    await store.delete([])


async def test_leaving_a_download_half_way_frees_its_connection(store: MinioObjectStore) -> None:
    await store.put("big", pieces(os.urandom(4 * MIB)))
    for _ in range(300):  # more than there are connections
        async with store.get("big") as chunks:
            await anext(chunks)


async def test_a_store_that_is_not_there_is_unavailable() -> None:
    absent = MinioObjectStore(connect("http://127.0.0.1:1", "key", "secret", "us-east-1"), "bucket")
    with pytest.raises(StoreUnavailable):
        await absent.put("key", pieces(b"x"))
    with pytest.raises(StoreUnavailable):
        await fetched(absent, "key")
    await absent.aclose()


async def test_wrong_credentials_are_unavailable_and_not_missing(
    object_server: EmbeddedSeaweed, bucket_name: str
) -> None:
    intruder = MinioObjectStore(connect(object_server.endpoint, "wrong", "keys", "us-east-1"), bucket_name)
    with pytest.raises(StoreUnavailable):
        await fetched(intruder, "key")
    with pytest.raises(StoreUnavailable):
        await intruder.put("key", pieces(b"x"))
    await intruder.aclose()

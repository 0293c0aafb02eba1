"""What every MultipartStore promises, shown on the real S3 server."""

import os
from contextlib import suppress

import pytest
from leftovers import Leftovers

from file_service.storage.minio_object_store import MinioObjectStore
from file_service.storage.multipart import LEAST_PART_BYTES
from file_service.storage.object_store import ObjectMissing, StoreUnavailable
from file_service.storage.parts import Part


def part(content: bytes) -> Part:
    made = Part()
    made.add(content)
    return made


async def fetched(store: MinioObjectStore, key: str) -> bytes:
    async with store.get(key) as chunks:
        return b"".join([chunk async for chunk in chunks])


async def test_an_object_is_made_of_the_parts_that_are_named_whatever_their_numbers(
    store: MinioObjectStore, leftovers: Leftovers
) -> None:
    first, second, last = os.urandom(LEAST_PART_BYTES), os.urandom(LEAST_PART_BYTES + 1), b"last"
    upload = await store.begin("k")
    assert leftovers.unfinished_uploads() == ["k"]
    etags = {
        number: await store.put_part("k", upload, number, part(content))
        for number, content in ((9, last), (2, first), (5, second), (3, b"dropped"))
    }
    assert leftovers.objects() == set()
    await store.complete("k", upload, [(number, etags[number]) for number in (2, 5, 9)])
    assert await fetched(store, "k") == first + second + last
    assert leftovers.unfinished_uploads() == []


async def test_a_part_that_was_replaced_is_not_taken_for_the_one_that_is_named(store: MinioObjectStore) -> None:
    upload = await store.begin("k")
    etag = await store.put_part("k", upload, 1, part(b"first"))
    await store.put_part("k", upload, 1, part(b"other"))
    with suppress(StoreUnavailable):  # some stores have both, the others refuse
        await store.complete("k", upload, [(1, etag)])
        assert await fetched(store, "k") == b"first"
    await store.abort("k", upload)


async def test_what_was_aborted_takes_no_parts_and_leaves_none(store: MinioObjectStore, leftovers: Leftovers) -> None:
    upload = await store.begin("k")
    await store.put_part("k", upload, 1, part(bytes(LEAST_PART_BYTES)))
    for _ in range(2):
        await store.abort("k", upload)
    with pytest.raises(ObjectMissing):
        await store.put_part("k", upload, 2, part(b"x"))
    assert leftovers.unfinished_uploads() == []


async def test_aborting_what_is_complete_does_no_harm(store: MinioObjectStore) -> None:
    upload = await store.begin("k")
    await store.complete("k", upload, [(1, await store.put_part("k", upload, 1, part(b"x")))])
    await store.abort("k", upload)
    assert await fetched(store, "k") == b"x"


async def test_objects_are_composed_in_order(store: MinioObjectStore) -> None:
    large, small = os.urandom(LEAST_PART_BYTES), b"small"
    for key, content in (("large", large), ("small", small)):
        await store.put(key, part(content), size=len(content))
    await store.compose(["large", "large", "small"], "all")
    assert await fetched(store, "all") == large + large + small
    with pytest.raises(ObjectMissing):
        await store.compose(["large", "nothing"], "other")

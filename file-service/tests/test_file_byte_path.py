"""Between the service and its store: one pool, turns, patience, retries that repeat nothing, no part left behind."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable

import pytest
from bare_store import BareStore, Exchange

from file_service.storage.minio_object_store import MinioObjectStore, connect
from file_service.storage.object_store import ObjectMissing, StoreUnavailable
from file_service.storage.parts import PART_BYTES, Part
from file_service.storage.signed_requests import Pool

MIB = 1024 * 1024
SIZE = 3 * MIB


@pytest.fixture
async def connected(bare: BareStore) -> AsyncIterator[Callable[..., MinioObjectStore]]:
    """Gives the service's side, with limits of the test's own."""
    opened: list[MinioObjectStore] = []

    def to(**limits: float) -> MinioObjectStore:
        client = connect(bare.endpoint, "key", "secret", "us-east-1")
        opened.append(MinioObjectStore(client, "bucket", Pool(**limits)))  # type: ignore[arg-type]
        return opened[-1]

    yield to
    for one in opened:
        await one.aclose()


@pytest.fixture
async def store(connected: Callable[..., MinioObjectStore]) -> MinioObjectStore:
    return connected()


class Pieces:
    """A body of `SIZE` bytes that counts how many were taken."""

    def __init__(self, size: int = SIZE) -> None:
        self.content = os.urandom(size)
        self.taken = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self.content), 65536):
            piece = self.content[start : start + 65536]
            self.taken += len(piece)
            yield piece


async def read(store: MinioObjectStore, key: str = "k") -> bytes:
    async with store.get(key) as chunks:
        return b"".join([chunk async for chunk in chunks])


async def test_who_finds_no_connection_free_waits_and_is_served_in_order(
    bare: BareStore, connected: Callable[..., MinioObjectStore]
) -> None:
    store = connected(connections=3)
    served: list[str] = []
    waiting, go_on = asyncio.Semaphore(0), asyncio.Event()

    async def answer(exchange: Exchange) -> None:
        waiting.release()
        await go_on.wait()
        served.append(exchange.key)
        await exchange.say(200, exchange.key.encode())

    bare.answer = answer
    keys = [f"{number}" for number in range(30)]
    reading = [asyncio.create_task(read(store, key)) for key in keys]
    for _ in range(3):
        await waiting.acquire()
    go_on.set()
    assert [(await one).decode() for one in reading] == keys
    assert (bare.most, bare.opened, bare.asked) == (3, 3, ["get"] * 30)
    assert [sorted(served[start : start + 3], key=int) for start in range(0, 30, 3)] == [
        keys[start : start + 3] for start in range(0, 30, 3)
    ]


async def test_who_waits_too_long_for_a_turn_is_told_and_takes_it_from_nobody(
    bare: BareStore, connected: Callable[..., MinioObjectStore]
) -> None:
    store = connected(connections=1, turn=0.2)
    pieces = Pieces()
    go_on = asyncio.Event()

    async def answer(exchange: Exchange) -> None:
        await exchange.say(200, b"he", Content_Length="5")
        await go_on.wait()
        exchange.writer.write(b"llo")

    bare.answer = answer
    async with store.get("k") as chunks:
        with pytest.raises(StoreUnavailable):
            await read(store)
        with pytest.raises(StoreUnavailable):
            await store.put("k", pieces, size=SIZE)
        go_on.set()
        assert b"".join([chunk async for chunk in chunks]) == b"hello"
    assert bare.asked == ["get"]
    assert pieces.taken <= 65536  # its beginning, which is looked at before anything else
    assert await read(store) == b"hello"


async def test_a_connection_is_used_again_and_again(bare: BareStore, store: MinioObjectStore) -> None:
    for _ in range(20):
        await store.put("k", Pieces(), size=SIZE)
        await read(store)
    assert bare.opened == 1


def hanging_up(when: Callable[[Exchange], bool], *, taking: int = 0) -> Callable[[Exchange], object]:
    async def answer(exchange: Exchange) -> None:
        if not when(exchange):
            await exchange.do()
            return
        if taking:
            await exchange.body(taking)
        exchange.hang_up()

    return answer


async def test_what_met_a_closed_connection_is_sent_once_more_if_no_byte_was_taken(
    bare: BareStore, store: MinioObjectStore
) -> None:
    bare.answer = hanging_up(lambda exchange: exchange.number > 1)  # type: ignore[assignment]
    await read(store)
    assert await read(store) == b""
    pieces = Pieces()
    received: list[bytes] = []

    async def answer(exchange: Exchange) -> None:
        if exchange.number > 1:
            exchange.hang_up()
        else:
            received.append(await exchange.body())
            await exchange.say()

    bare.answer = answer
    await store.put("k", pieces, size=SIZE)
    assert received == [pieces.content]
    assert pieces.taken == SIZE
    assert bare.asked == ["get", "get", "get", "put", "put"]


async def test_a_store_that_always_hangs_up_is_asked_twice_and_no_more(
    bare: BareStore, store: MinioObjectStore
) -> None:
    bare.answer = hanging_up(lambda _: True)  # type: ignore[assignment]
    with pytest.raises(StoreUnavailable):
        await read(store)
    with pytest.raises(StoreUnavailable):
        await store.put("k", Pieces(), size=SIZE)
    assert bare.asked == ["get", "get", "put", "put"]


@pytest.mark.parametrize("taking", [1, 65536, MIB, SIZE])
@pytest.mark.parametrize("number", [1, 2])
async def test_a_put_of_which_a_byte_was_taken_is_not_sent_again(
    bare: BareStore, store: MinioObjectStore, taking: int, number: int
) -> None:
    bare.answer = hanging_up(lambda exchange: exchange.method == "PUT", taking=taking)  # type: ignore[assignment]
    if number == 2:
        await read(store)
    pieces = Pieces()
    with pytest.raises(StoreUnavailable):
        await store.put("k", pieces, size=SIZE)
    assert bare.asked == ["get"] * (number - 1) + ["put"]
    assert pieces.taken <= SIZE


@pytest.mark.parametrize("sent", [0, 1, 100_000])
async def test_a_get_whose_answer_has_begun_is_not_sent_again(
    bare: BareStore, store: MinioObjectStore, sent: int
) -> None:
    async def answer(exchange: Exchange) -> None:
        await exchange.say(200, bytes(sent), Content_Length=str(SIZE))
        exchange.writer.close()

    bare.answer = answer
    with pytest.raises(StoreUnavailable):
        await read(store)
    assert bare.asked == ["get"]


@pytest.mark.parametrize("what", ["begin", "complete"])
async def test_what_cannot_be_done_twice_is_not_sent_again(bare: BareStore, store: MinioObjectStore, what: str) -> None:
    bare.answer = hanging_up(lambda exchange: exchange.what == what)  # type: ignore[assignment]
    await read(store)
    with pytest.raises(StoreUnavailable):
        await (store.begin("k") if what == "begin" else store.complete("k", "id", [(1, "etag")]))
    assert bare.asked == ["get", what]


@pytest.mark.parametrize("status", [301, 307, 403, 503])
async def test_a_store_that_refuses_before_the_body_is_sent_none(
    bare: BareStore, store: MinioObjectStore, status: int
) -> None:
    bare.answer = lambda exchange: exchange.say(status, b"<Error/>", Location="http://127.0.0.1:1/")
    pieces = Pieces()
    with pytest.raises(StoreUnavailable):
        await store.put("k", pieces, size=SIZE)
    assert pieces.taken <= 65536
    with pytest.raises(StoreUnavailable):
        await read(store)


async def test_an_object_that_is_missing_is_no_fault_of_the_connection(
    bare: BareStore, store: MinioObjectStore
) -> None:
    bare.answer = lambda exchange: exchange.say(404, b"<Error/>")
    for _ in range(2):
        with pytest.raises(ObjectMissing):
            await read(store)
    assert bare.opened == 1


@pytest.mark.parametrize("taking", [None, 0, 1, MIB, SIZE])
async def test_a_store_that_takes_or_says_nothing_is_given_up(
    bare: BareStore, connected: Callable[..., MinioObjectStore], taking: int | None
) -> None:
    store = connected(silence=0.3)

    async def answer(exchange: Exchange) -> None:
        if taking is not None:
            await exchange.body(taking)
        await asyncio.Event().wait()

    bare.answer = answer
    async with asyncio.timeout(20):
        with pytest.raises(StoreUnavailable):
            await store.put("k", Pieces(64 * MIB if taking else SIZE), size=64 * MIB if taking else SIZE)
        with pytest.raises(StoreUnavailable):
            await read(store)


async def test_a_client_that_is_slower_than_that_is_not(
    bare: BareStore, connected: Callable[..., MinioObjectStore]
) -> None:
    store = connected(silence=0.2)
    content = os.urandom(SIZE)

    async def pause() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await asyncio.Event().wait()

    async def slow() -> AsyncIterator[bytes]:
        for start in (0, MIB, 2 * MIB):
            yield content[start : start + MIB]
            await pause()

    received: list[bytes] = []

    async def answer(exchange: Exchange) -> None:
        received.append(await exchange.body())
        await exchange.say(200, content if exchange.method == "GET" else b"")

    bare.answer = answer
    await store.put("k", slow(), size=SIZE)
    assert received == [content]
    found = b""
    async with store.get("k") as chunks:
        async for chunk in chunks:
            if not found:
                await pause()
            found += chunk
    assert found == content


@pytest.mark.parametrize("stage", ["begin", "part 1", "part 2", "complete"])
@pytest.mark.parametrize("answered", [True, False])
async def test_whoever_is_cancelled_at_any_stage_aborts_what_was_begun(
    bare: BareStore, store: MinioObjectStore, stage: str, answered: bool
) -> None:
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def answer(exchange: Exchange) -> None:
        if exchange.what == stage:
            reached.set()
            # What the store has already begun to do is done, whether anybody still wants it or not.
            await (go_on.wait() if answered or stage == "begin" else asyncio.Event().wait())
        await exchange.do()

    bare.answer = answer
    putting = asyncio.create_task(store.put("k", Pieces(PART_BYTES + 5)))
    await reached.wait()
    putting.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        async with asyncio.timeout(20):
            await putting
    assert bare.asked[-1] == "abort"
    assert bare.asked.count("abort") == 1
    assert stage in bare.asked


@pytest.mark.parametrize("stage", ["part 1", "part 2", "complete"])
@pytest.mark.parametrize("status", [400, 404, 500])
async def test_what_fails_at_any_stage_is_aborted(
    bare: BareStore, store: MinioObjectStore, stage: str, status: int
) -> None:
    async def answer(exchange: Exchange) -> None:
        if exchange.what == stage:
            await exchange.body()
            await exchange.say(status)
        else:
            await exchange.do()

    bare.answer = answer
    with pytest.raises(ObjectMissing if status == 404 else StoreUnavailable):
        await store.put("k", Pieces(PART_BYTES + 5))
    assert bare.asked[-1] == "abort"


async def test_an_abort_that_fails_does_not_hide_why(bare: BareStore, store: MinioObjectStore) -> None:
    class Broken(Exception):
        pass

    async def breaking() -> AsyncIterator[bytes]:
        async for piece in Pieces(PART_BYTES + 5):
            yield piece
        raise Broken

    async def answer(exchange: Exchange) -> None:
        await (exchange.say(500) if exchange.what == "abort" else exchange.do())

    bare.answer = answer
    with pytest.raises(Broken):
        await store.put("k", breaking())
    assert bare.asked[-1] == "abort"


@pytest.mark.parametrize(
    "told",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhello",
    ],
)
async def test_an_answer_that_is_none_is_an_unavailable_store(
    bare: BareStore, store: MinioObjectStore, told: bytes
) -> None:
    async def answer(exchange: Exchange) -> None:
        exchange.writer.write(told)
        exchange.writer.close()

    bare.answer = answer
    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            await read(store)


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (200, None),
        (206, None),
        (206, "bytes 0-9/100"),
        (206, "bytes 10-18/100"),
        (206, "bytes 10-199/1000"),
        (206, "bytes */100"),
    ],
)
async def test_other_bytes_than_were_asked_for_are_not_passed_on(
    bare: BareStore, store: MinioObjectStore, status: int, told: str | None
) -> None:
    headers = {} if told is None else {"Content_Range": told}
    bare.answer = lambda exchange: exchange.say(status, bytes(10), **headers)
    with pytest.raises(StoreUnavailable):
        async with store.get("k", start=10, length=10):
            pytest.fail("entered")


async def test_a_part_without_an_etag_is_not_stored(bare: BareStore, store: MinioObjectStore) -> None:
    async def answer(exchange: Exchange) -> None:
        await exchange.body()
        exchange.writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    bare.answer = answer
    part = Part()
    part.add(b"x")
    with pytest.raises(StoreUnavailable):
        await store.put_part("k", "id", 1, part)


@pytest.mark.parametrize("listed", [b"", b"<", b"<L><Part><PartNumber>x</PartNumber><Size>1</Size></Part></L>"])
async def test_a_list_of_parts_that_cannot_be_read_is_an_unavailable_store(
    bare: BareStore, store: MinioObjectStore, listed: bytes
) -> None:
    bare.answer = lambda exchange: exchange.say(200, listed)
    with pytest.raises(StoreUnavailable):
        await store.parts("k", "id", after=0, limit=10)

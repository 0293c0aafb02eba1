"""A parser that runs wild harms nobody: it is ended, and how it ended is told."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from uuid import UUID, uuid4

import psutil
import pytest

from file_service.parsers.contract import Facts, Task
from file_service.sandbox.errors import Interrupted, Unreadable
from file_service.sandbox.limits import Limits
from file_service.sandbox.pool import Busy, Pool
from file_service.sandbox.sandbox import Sandbox
from file_service.sandbox.sources import stored_bytes
from file_service.storage.minio_object_store import MinioObjectStore

MIB = 1024 * 1024
LIMITS = Limits(memory=128 * MIB, seconds=30, processor_seconds=10, output=8 * MIB, scratch=MIB)


class Kept:
    """A sink that keeps everything."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.passages: list[tuple[int, str]] = []

    async def object(self, name: str, content_type: str, chunks: AsyncIterator[bytes]) -> None:
        self.objects[name] = b"".join([chunk async for chunk in chunks])

    async def passage(self, page: int, text: str) -> None:
        self.passages.append((page, text))


class InMemory:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.size = len(data)

    async def read(self, start: int, length: int) -> bytes:
        return self._data[start : start + length]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Afterwards this process has no child that it had not before. (PostgreSQL's are grandchildren.)"""
    before = set(psutil.Process().children())
    yield Sandbox(at_once=2)
    assert set(psutil.Process().children()) <= before


async def another_process(before: set[psutil.Process]) -> None:
    """Returns when there is one that was not there before."""
    async with asyncio.timeout(20):
        while set(psutil.Process().children()) <= before:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)


async def probe(
    sandbox: Sandbox, do: str | None = None, size: int = 1, *, sink: Kept | None = None, limits: Limits = LIMITS
) -> Facts:
    task = Task("text/plain", "probe", {"do": do, "size": size})
    return await sandbox.run("probe", InMemory(b"x" * 100), task, sink or Kept(), limits)


async def test_what_a_parser_finds_comes_back(sandbox: Sandbox) -> None:
    sink = Kept()
    assert await probe(sandbox, sink=sink) == {"size": 100}
    assert sink.objects == {"copy": b"x" * 100}
    assert sink.passages == [(1, "It says something")]


@pytest.mark.parametrize(
    ("do", "size", "reason"),
    [
        ("refuse", 1, "broken"),
        ("raise", 1, "crashed"),
        ("die", 1, "crashed"),
        ("eat", 1000, "out-of-memory"),
        ("flood", 100, "too-large"),
        ("babble", 1, "crashed"),
        ("babble", 1000, "crashed"),
        ("fill", 10 * MIB, "crashed"),
        ("repeat", 1, "crashed"),
        ("talk", 8_001, "crashed"),
        ("exaggerate", 1, "crashed"),
    ],
)
async def test_a_parser_that_ends_badly_is_told_apart(sandbox: Sandbox, do: str, size: int, reason: str) -> None:
    with pytest.raises(Unreadable) as ending:
        await probe(sandbox, do, size)
    assert ending.value.reason == reason
    assert ending.value.detail


async def test_a_parser_that_never_ends_is_ended_by_its_processor_time(sandbox: Sandbox) -> None:
    with pytest.raises(Unreadable) as ending:
        await probe(sandbox, "spin", limits=Limits(processor_seconds=1))
    assert ending.value.reason == "took-too-long"


async def test_a_parser_that_sleeps_is_ended_by_the_clock(sandbox: Sandbox) -> None:
    with pytest.raises(Unreadable) as ending:
        await probe(sandbox, "sleep", 1000, limits=Limits(seconds=1))
    assert ending.value.reason == "took-too-long"


async def test_a_parser_that_somebody_killed_is_not_held_against_the_file(sandbox: Sandbox) -> None:
    with pytest.raises(Interrupted):
        await probe(sandbox, "be killed")


async def test_what_a_library_prints_does_no_harm(sandbox: Sandbox) -> None:
    assert await probe(sandbox, "print", 100_000) == {"size": 100}


async def test_a_parser_is_told_no_secrets(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRONGROOM_S3_SECRET_KEY", "secret")
    seen = await probe(sandbox, "look around")
    assert set(seen["environment"]) <= {"LANG", "LC_CTYPE", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"}
    assert seen["open_files"] == 4  # the three standard ones, and the way to us
    assert not os.path.exists(seen["scratch"])  # noqa: ASYNC240, PTH110


async def test_in_the_background_it_is_nice_and_so_is_its_session() -> None:
    """Under all the limits that it has: it may write no file, and /proc is none."""
    strict = replace(LIMITS, scratch=0)
    seen = await probe(Sandbox(at_once=1, background=True), "look around", limits=strict)
    assert seen["niceness"] == 19
    assert seen["group"] is None or seen["group"].endswith("nice 19\n")


async def test_nobody_but_root_looks_into_who_started_it() -> None:
    program = (
        "import ctypes\n"
        "from file_service.sandbox.concealment import conceal\n"
        "conceal()\n"
        "print(ctypes.CDLL(None).prctl(3, 0))\n"  # PR_GET_DUMPABLE
    )
    concealed = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE)
    assert (await concealed.communicate())[0] == b"0\n"


async def test_cancelled_work_leaves_no_process(sandbox: Sandbox) -> None:
    before = set(psutil.Process().children())
    task = asyncio.create_task(probe(sandbox, "sleep", 1000))
    await another_process(before)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_parser_goes_with_whoever_started_it() -> None:
    program = (
        "import asyncio\n"
        "from file_service.sandbox.limits import Limits\n"
        "from file_service.sandbox.parser_process import ParserProcess\n"
        "async def main():\n"
        "    print((await ParserProcess.start(Limits(), scratch=None, ready_for='probe')).pid, flush=True)\n"
        "    await asyncio.sleep(1000)\n"
        "asyncio.run(main())\n"
    )
    starter = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        stdout=asyncio.subprocess.PIPE,
    )
    assert starter.stdout is not None
    parser = psutil.Process(int(await starter.stdout.readline()))
    starter.kill()
    await starter.wait()
    await asyncio.to_thread(psutil.wait_procs, [parser], 10)
    assert not parser.is_running()


async def asked(pool: Pool, account: UUID, do: str | None = None, size: int = 1) -> int:
    """Answers which process it was."""
    async with pool.process(account) as process:
        task = Task("text/plain", "probe", {"do": do, "size": size})
        await process.perform("probe", InMemory(b"x"), task, Kept())
        return process.pid


async def test_a_process_answers_many_until_one_breaks_it_or_nobody_comes() -> None:
    before = set(psutil.Process().children())
    async with Pool("probe", LIMITS, at_once=2, patience=10, rest=0.2) as pool:
        first = await asked(pool, uuid4())
        assert await asked(pool, uuid4()) == first
        with pytest.raises(Unreadable):
            await asked(pool, uuid4(), "raise")
        second = await asked(pool, uuid4())
        assert second != first
        async with asyncio.timeout(20):
            while psutil.pid_exists(second):  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.01)
        async with pool.process(uuid4()) as process:
            pass
        os.kill(process.pid, signal.SIGKILL)
        async with asyncio.timeout(20):
            while process.is_alive:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.01)
        third = await asked(pool, uuid4())
        async with pool.process(uuid4(), once=True) as process:
            assert process.pid == third
        assert await asked(pool, uuid4()) != third
    assert set(psutil.Process().children()) <= before


async def test_no_account_takes_every_process() -> None:
    greedy, before = uuid4(), set(psutil.Process().children())
    async with Pool("probe", LIMITS, at_once=2, patience=0.2) as pool, asyncio.TaskGroup() as tasks:
        working = [tasks.create_task(asked(pool, greedy, "sleep", 3))]
        await another_process(before)
        with pytest.raises(Busy):
            await asked(pool, greedy)
        await asked(pool, uuid4())
        assert not working[0].done()


async def test_an_object_is_read_at_any_place_and_in_one_go(store: MinioObjectStore) -> None:
    data = os.urandom(3 * MIB)
    await store.put("a", _once(data))
    async with stored_bytes(store, "a", len(data)) as source:
        assert await source.read(MIB, 10) == data[MIB : MIB + 10]
        assert await source.read(len(data) - 5, 100) == data[-5:]
        assert await source.read(len(data) + 5, 100) == b""
        assert b"".join([await source.read(at, 1000) for at in range(0, len(data), 1000)]) == data


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data

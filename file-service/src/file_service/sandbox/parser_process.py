"""One process that parses: started, given tasks one after another, and killed whatever it is doing."""

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, NoReturn, Self

import structlog
from pydantic_core import to_json

from file_service.parsers import frames
from file_service.parsers.contract import OUT_OF_MEMORY, Facts, Task
from file_service.sandbox.errors import Interrupted, Unreadable
from file_service.sandbox.limits import Limits
from file_service.sandbox.sink import Sink
from file_service.sandbox.sources import Bytes
from file_service.sandbox.testimony import Testimony, broken

log = structlog.get_logger()

_LONGEST = frames.LONGEST + 4096
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")


class ParserProcess:
    """It has none of our secrets: its environment is empty, its parent is not read, and files are shut to it (`walls`).

    What it says is not believed: lengths and amounts are checked here, the rest by `Testimony`.
    """

    def __init__(
        self, process: Process, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limits: Limits
    ) -> None:
        self._process = process
        self._reader = reader
        self._writer = writer
        self._limits = limits
        self._said = 0
        self.is_free = True

    @classmethod
    async def start(
        cls, limits: Limits, *, scratch: str | None, ready_for: str | None = None, background: bool = False
    ) -> Self:
        """It can write beneath `scratch` only. In the `background` it leaves the processor to others."""
        arguments = ["-I", "-m", "file_service.parsers", f"--parent={os.getpid()}", f"--memory={limits.memory}"]
        arguments += [f"--processor-seconds={limits.processor_seconds}", f"--file-bytes={limits.scratch}"]
        arguments += [f"--scratch={scratch}"] if scratch else []
        arguments += ["--background"] if background else []
        arguments += [f"--ready-for={ready_for}"] if ready_for else []
        environment = {"LANG": "C.UTF-8", **_ONE_THREAD}
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *arguments,
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=DEVNULL,
                env=environment,
            )
        return cls(process, *await asyncio.open_connection(sock=ours), limits)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None

    async def perform(self, parser: str, source: Bytes, task: Task, sink: Sink) -> Facts:
        """Raises Unreadable, Interrupted, and what the source and the sink raise; then the process is of no use.

        It may take any time, but must not be silent for longer than it may take.
        """
        self._said = 0
        self.is_free = False
        facts = await self._performed(parser, source, task, sink)
        self.is_free = True
        return facts

    async def kill(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        self._writer.transport.abort()

    async def _performed(self, parser: str, source: Bytes, task: Task, sink: Sink) -> Facts:
        said = {"content_type": task.content_type, "filename": task.filename, "options": dict(task.options)}
        await self._say(frames.TASK, to_json({**said, "scratch": task.scratch, "parser": parser, "size": source.size}))
        said_of_it = Testimony()
        while True:
            kind, payload = await self._hear(source)
            if kind == frames.OBJECT:
                await sink.object(*said_of_it.object(payload), self._object(source, said_of_it))
            elif kind == frames.PASSAGE:
                await sink.passage(*said_of_it.passage(payload))
            elif kind == frames.FACTS:
                return said_of_it.facts(payload)
            elif kind == frames.REFUSED:
                raise said_of_it.refusal(payload)
            else:
                raise broken()

    async def _object(self, source: Bytes, said_of_it: Testimony) -> AsyncIterator[bytes]:
        while True:
            kind, payload = await self._hear(source)
            if kind == frames.DATA:
                yield payload
            elif kind == frames.CLOSE:
                return
            elif kind == frames.REFUSED:
                raise said_of_it.refusal(payload)
            else:
                raise broken()

    async def _hear(self, source: Bytes) -> tuple[bytes, bytes]:
        """The next thing that it says, but for what it only asks, which is answered."""
        while True:
            kind, payload = await self._frame()
            self._said += frames.HEAD.size + len(payload)
            if kind != frames.READ:
                break
            if len(payload) != frames.RANGE.size:
                raise broken()
            start, wanted = frames.RANGE.unpack(payload)
            await self._say(frames.BYTES, await source.read(start, min(wanted, frames.LONGEST)))
        if self._said > self._limits.output:
            raise Unreadable("too-large", "What could be derived from the file is too large")
        return kind, payload

    async def _frame(self) -> tuple[bytes, bytes]:
        try:
            async with asyncio.timeout(self._limits.seconds):
                kind, length = frames.HEAD.unpack(await self._reader.readexactly(frames.HEAD.size))
                if length > _LONGEST:
                    raise broken()
                return kind, await self._reader.readexactly(length)
        except TimeoutError:
            raise Unreadable("took-too-long", "Reading the file took too long") from None
        except (asyncio.IncompleteReadError, ConnectionError):
            await self._explain_end()

    async def _say(self, kind: bytes, payload: bytes) -> None:
        with suppress(ConnectionError):  # whether and why it has ended is seen when it is heard
            self._writer.write(frames.HEAD.pack(kind, len(payload)))
            self._writer.write(payload)
            await self._writer.drain()

    async def _explain_end(self) -> NoReturn:
        code = await self._process.wait()
        log.warning("parser.ended", pid=self._process.pid, exit_code=code)
        if code == OUT_OF_MEMORY:
            raise Unreadable("out-of-memory", "Reading the file needs too much memory")
        if code == -signal.SIGXCPU:
            raise Unreadable("took-too-long", "Reading the file took too long")
        if code in {-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT}:
            raise Interrupted
        raise broken()


@asynccontextmanager
async def held(
    starting: Coroutine[Any, Any, ParserProcess], end: Callable[[ParserProcess], Awaitable[None]]
) -> AsyncIterator[ParserProcess]:
    """Whatever happens, `end` is called. Both are shielded: whoever is cancelled while it starts leaves none behind."""
    started = asyncio.create_task(starting)

    async def ended() -> None:
        await end(await started)

    try:
        yield await asyncio.shield(started)
    finally:
        await asyncio.shield(ended())

"""Runs one parser on one file, in a process of its own."""

import asyncio
import tempfile
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from file_service.parsers.contract import Facts, Task
from file_service.sandbox.errors import Unreadable
from file_service.sandbox.limits import Limits
from file_service.sandbox.metrics import ParserMetrics
from file_service.sandbox.parser_process import ParserProcess, held
from file_service.sandbox.sink import Sink
from file_service.sandbox.sources import Bytes


class Sandbox:
    """At most `at_once` processes; whoever comes then waits. In the `background` they leave the processor to others."""

    def __init__(self, *, at_once: int, background: bool = False, metrics: ParserMetrics | None = None) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._metrics = metrics or ParserMetrics()
        self._background = background

    async def run(self, parser: str, source: Bytes, task: Task, sink: Sink, limits: Limits) -> Facts:
        """What the parser found out; what it derives goes to the sink meanwhile.

        Raises Unreadable, Interrupted, and what the source and the sink raise. Nothing of it runs any more afterwards.
        """
        async with self._places:
            with self._metrics.run(parser):
                return await self._run(parser, source, task, sink, limits)

    async def _run(self, parser: str, source: Bytes, task: Task, sink: Sink, limits: Limits) -> Facts:
        # Removed after the process has ended, which could write to it otherwise.
        with tempfile.TemporaryDirectory(prefix="strongroom-", ignore_cleanup_errors=True) as scratch:
            task = replace(task, scratch=scratch) if limits.scratch else task
            starting = ParserProcess.start(limits, scratch=task.scratch, background=self._background)
            async with held(starting, ParserProcess.kill) as process:
                return await _in_time(process.perform(parser, source, task, sink), limits.seconds)


async def _in_time(performing: Coroutine[Any, Any, Facts], seconds: float) -> Facts:
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            return await performing
    except TimeoutError:
        if not limit.expired():
            raise
        raise Unreadable("took-too-long", "Reading the file took too long") from None

"""An event loop in a thread, for callers that have none."""

import asyncio
import os
import sys
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from contextvars import copy_context
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")


class EventLoop:
    """Begins with the first call and ends with `close`. Any number of threads may call at the same time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._process = 0
        self._closed = False

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """What it comes to. If the waiting is interrupted, as by Ctrl-C, the work has been cancelled and has ended.

        Raises RuntimeError where it is closed, in its own thread, which would wait for itself, and where its thread is
        not: after a fork, and while the interpreter ends.
        """
        try:
            loop = self._started()
        except BaseException:
            work.close()
            raise
        call = _Call(work)
        try:
            loop.call_soon_threadsafe(call.begin, context=copy_context())
            return call.outcome.result()
        except BaseException:
            if not call.outcome.done():
                loop.call_soon_threadsafe(call.cancel)
                _wait(call.outcome)
            raise

    def finish(self, work: Coroutine[Any, Any, None]) -> None:
        """What is to be let go of, from wherever that is noticed: a generator may be collected in any thread."""
        if self._closed or self._is_bereft:
            work.close()
        elif self._loop is not None and threading.current_thread() is self._thread:
            self._loop.create_task(work)
        else:
            self.run(work)

    @property
    def is_open(self) -> bool:
        return not (self._closed or self._is_bereft)

    @property
    def _is_bereft(self) -> bool:
        """Whether a thread that was begun runs no more, though nobody ended it."""
        return self._thread is not None and (os.getpid() != self._process or sys.is_finalizing())

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._is_bereft:  # before the lock, which nobody there may be left to give back
            raise RuntimeError("a client is of one process, and ends with it: make another after a fork")
        self._require_another_thread()
        with self._lock:
            if self._closed:
                raise RuntimeError("this client is closed")
            if self._loop is None:
                self._process = os.getpid()
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="strongroom", daemon=True)
                self._thread.start()
            return self._loop

    def _require_another_thread(self) -> None:
        if threading.current_thread() is self._thread:
            raise RuntimeError("a call from within a call, as from `progress`, would wait for itself")

    def close(self) -> None:
        """Cancels what is still under way, and waits until that has ended. Elsewhere than in its process: nothing.

        Raises RuntimeError in its own thread.
        """
        if self._is_bereft:
            self._closed = True
            return
        self._require_another_thread()
        with self._lock:
            loop, thread, self._closed = self._loop, self._thread, True
        if loop is None or thread is None or loop.is_closed():
            return
        asyncio.run_coroutine_threadsafe(_end(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    loop = asyncio.get_running_loop()
    await loop.shutdown_asyncgens()
    await loop.shutdown_default_executor()


class _Call(Generic[Result]):
    """What a thread waits for. Everything but `outcome` belongs to the loop's thread."""

    def __init__(self, work: Coroutine[Any, Any, Result]) -> None:
        self.outcome: Future[Result] = Future()
        self._work = work
        self._task: asyncio.Task[Result] | None = None

    def begin(self) -> None:
        if not self.outcome.done():
            self._task = asyncio.create_task(self._work)
            self._task.add_done_callback(self._settle)

    def cancel(self) -> None:
        """Also before it was begun: an interrupt may come between any two steps."""
        if self._task is not None:
            self._task.cancel()
        elif not self.outcome.done():
            self._work.close()
            self.outcome.set_exception(RuntimeError("it was never begun"))

    def _settle(self, task: asyncio.Task[Result]) -> None:
        if task.cancelled():
            self.outcome.set_exception(RuntimeError("this client was closed meanwhile"))
        elif (error := task.exception()) is not None:
            self.outcome.set_exception(error)
        else:
            self.outcome.set_result(task.result())


def _wait(outcome: Future[Any]) -> None:
    """However often it is interrupted: what is being cancelled must not go on behind the caller's back."""
    while True:
        try:
            outcome.exception()
        except KeyboardInterrupt:
            continue
        return

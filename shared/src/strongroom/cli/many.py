"""Does the same for many: what fails does not keep the others from being done, and decides how the command ends."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable
from typing import TypeVar

from strongroom.cli.exit_codes import ExitCode
from strongroom.cli.failures import CommandError, Failure, SomeFailed, failure_of
from strongroom.cli.output import Output

Item = TypeVar("Item")


class AllFailed(CommandError):
    """With the code and the words of the only one, or of the first; each was told as it happened."""

    is_told = True

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.text)
        self.code = failure.code
        self.slug = failure.slug


class Many:
    """`at_once` at a time. After something that would go wrong for all (nobody answers, signed out), none is begun."""

    def __init__(self, out: Output, at_once: int = 1) -> None:
        self._out = out
        self._at_once = at_once
        self._done = 0
        self._failures: list[Failure] = []

    async def each(self, items: Iterable[Item] | AsyncIterable[Item], work: Callable[[Item], Awaitable[None]]) -> None:
        """Raises AllFailed, SomeFailed."""
        following = _iterated(items)
        workers = [asyncio.create_task(self._work_off(following, work)) for _ in range(self._at_once)]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
        if not self._failures:
            return
        if self._done == 0:
            raise AllFailed(self._failures[0])
        raise SomeFailed(f"{len(self._failures)} of {len(self._failures) + self._done} failed")

    async def each_of(
        self,
        names: Iterable[str],
        listed: Callable[[str], Iterable[Item] | AsyncIterable[Item]],
        work: Callable[[Item], Awaitable[None]],
    ) -> None:
        """The same for all that is `listed` for the names; a name for which that fails is one that failed."""

        async def items() -> AsyncIterator[Item]:
            for name in names:
                if self._is_hopeless():
                    return
                try:
                    async for item in _iterated(listed(name)):
                        yield item
                except Exception as error:
                    if not self._is_noted(name, error, "{text}"):
                        raise

        await self.each(items(), work)

    async def _work_off(self, items: "_Shared[Item]", work: Callable[[Item], Awaitable[None]]) -> None:
        async for item in items:
            if self._is_hopeless():
                return
            try:
                await work(item)
                self._done += 1
            except Exception as error:
                if not self._is_noted(item, error, "{item}: {text}"):
                    raise

    def _is_noted(self, item: object, error: Exception, told: str) -> bool:
        """False for a fault of ours, and for a closed pipe: there is nothing to go on for."""
        failure = failure_of(error)
        if failure is None or isinstance(error, BrokenPipeError):
            return False
        self._failures.append(failure)
        self._out.failure(told.format(item=item, text=failure.text), {**failure.members(), "path": str(item)})
        return True

    def _is_hopeless(self) -> bool:
        return any(one.code in {ExitCode.NOT_SIGNED_IN, ExitCode.UNREACHABLE} for one in self._failures)


class _Shared(AsyncIterable[Item]):
    """What several take from, one at a time."""

    def __init__(self, items: AsyncIterator[Item]) -> None:
        self._items = items
        self._lock = asyncio.Lock()

    async def __aiter__(self) -> AsyncIterator[Item]:
        while True:
            async with self._lock:
                try:
                    item = await anext(self._items)
                except StopAsyncIteration:
                    return
            yield item


def _iterated(items: Iterable[Item] | AsyncIterable[Item]) -> _Shared[Item]:
    async def iterate() -> AsyncIterator[Item]:
        if isinstance(items, AsyncIterable):
            async for item in items:
                yield item
        else:
            for item in items:
                yield item

    return _Shared(iterate())

"""Makes of an asynchronous method one that blocks, with the same signature."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterator
from functools import wraps
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from strongroom.client.event_loop import EventLoop

Wrapped = TypeVar("Wrapped")
Wrapped_co = TypeVar("Wrapped_co", covariant=True)  # or it would have no methods that come from a base
Item = TypeVar("Item")
Result = TypeVar("Result")
Other = TypeVar("Other")
P = ParamSpec("P")


class Blocking(Generic[Wrapped_co]):
    """The face of something asynchronous that runs in `loop`."""

    def __init__(self, wrapped: Wrapped_co, loop: EventLoop) -> None:
        self._wrapped = wrapped
        self._loop = loop


def blocking(
    method: Callable[Concatenate[Wrapped, P], Coroutine[Any, Any, Result]],
) -> Callable[Concatenate[Blocking[Wrapped], P], Result]:
    @wraps(method)
    def call(self: Blocking[Wrapped], /, *args: P.args, **kwargs: P.kwargs) -> Result:
        return self._loop.run(method(self._wrapped, *args, **kwargs))

    return call


def opening(
    method: Callable[Concatenate[Wrapped, P], Coroutine[Any, Any, Result]], face: Callable[[Result, EventLoop], Other]
) -> Callable[Concatenate[Blocking[Wrapped], P], Other]:
    """For a method whose result is asynchronous too: `face` makes one of it that blocks."""

    @wraps(method)
    def call(self: Blocking[Wrapped], /, *args: P.args, **kwargs: P.kwargs) -> Other:
        return face(self._loop.run(method(self._wrapped, *args, **kwargs)), self._loop)

    return call


def iterating(
    method: Callable[Concatenate[Wrapped, P], AsyncIterator[Item]],
) -> Callable[Concatenate[Blocking[Wrapped], P], Iterator[Item]]:
    @wraps(method)
    def call(self: Blocking[Wrapped], /, *args: P.args, **kwargs: P.kwargs) -> Iterator[Item]:
        return iterated(method(self._wrapped, *args, **kwargs), self._loop)

    return call


def iterated(items: AsyncIterator[Item], loop: EventLoop) -> Iterator[Item]:
    """What is held open for the next item is let go of with the iterator."""
    try:
        while (item := loop.run(_next(items))) is not _END:
            yield item  # type: ignore[misc]
    finally:
        if isinstance(items, AsyncGenerator):
            loop.finish(items.aclose())


class _End:
    pass


_END = _End()


async def _next(items: AsyncIterator[Item]) -> Item | _End:
    return await anext(items, _END)

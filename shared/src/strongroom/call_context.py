"""Knows on whose behalf something is done, so that the calls and the jobs it leads to are tied to the same request."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from strongroom.trace_context import Trace, trace_of


@dataclass(frozen=True, slots=True)
class CallContext:
    """The request that it all began with, as far as there is one."""

    request_id: str | None = None
    trace: Trace | None = None

    def logged(self) -> dict[str, str]:
        """What each log line is to carry."""
        told = {"request_id": self.request_id, "trace_id": self.trace.trace_id if self.trace else None}
        return {name: value for name, value in told.items() if value is not None}

    def kept(self) -> dict[str, str]:
        """In words, to be gone on with later. `resumed` reads them."""
        request = {} if self.request_id is None else {"request_id": self.request_id}
        return {**request, **(self.trace.headers() if self.trace else {})}

    @classmethod
    def resumed(cls, kept: Mapping[str, object]) -> "CallContext":
        """What cannot be read is left out."""
        request, parent, state = (kept.get(name) for name in ("request_id", "traceparent", "tracestate"))
        states = [state] if isinstance(state, str) else []
        trace = trace_of([parent], states) if isinstance(parent, str) else None
        return cls(request if isinstance(request, str) else None, trace)


_current: ContextVar[CallContext | None] = ContextVar("strongroom_call", default=None)


def current() -> CallContext:
    """An empty one where nobody has said."""
    return _current.get() or CallContext()


@contextmanager
def within(context: CallContext) -> Iterator[None]:
    """What is done inside, and by tasks that are started there, is done on behalf of `context`."""
    before = _current.set(context)
    try:
        yield
    finally:
        _current.reset(before)

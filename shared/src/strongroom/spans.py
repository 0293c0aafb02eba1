"""Tells of what takes time as spans of the trace that it belongs to, if this process exports them (`trace_export`)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from typing import Protocol, TypeAlias

from strongroom.call_context import current
from strongroom.trace_context import Trace

Attributes: TypeAlias = Mapping[str, str | int | float | bool]


class Kind(Enum):
    """From where it is seen: `SERVER` answers, `CLIENT` asks somebody else, `CONSUMER` does what was queued."""

    SERVER = "server"
    CLIENT = "client"
    CONSUMER = "consumer"


class Span(Protocol):
    @property
    def trace(self) -> Trace:
        """As those are to see it who are called meanwhile, or later because of it."""
        ...

    def rename(self, name: str) -> None: ...

    def add(self, attributes: Attributes) -> None: ...

    def end(self, failure: str | None = None) -> None:
        """Once. `failure` is the name of what went wrong, and no message: those can tell secrets."""
        ...


class Spans(Protocol):
    """Where spans go to."""

    def start(self, name: str, kind: Kind, parent: Trace | None, attributes: Attributes) -> Span:
        """Names and attributes are read by people who may not know what clients know: no token, no query, no body."""
        ...


# One for the process, as logging has it: what is done on somebody's behalf is done in too many places to be handed it.
_exported_to: Spans | None = None


def export_to(spans: Spans | None) -> None:
    """From now on; None for nowhere."""
    global _exported_to  # noqa: PLW0603
    _exported_to = spans


def exported_to() -> Spans | None:
    return _exported_to


@contextmanager
def step(name: str, kind: Kind, attributes: Attributes, *, parent: Trace | None = None) -> Iterator[Span | None]:
    """A span around what is done inside, below `parent` or else the current trace.

    None where nobody exports, and for a call that belongs to no trace: that would be one of a single span.
    """
    spans = _exported_to
    before = parent or current().trace
    if spans is None or (before is None and kind is Kind.CLIENT):
        yield None
        return
    span = spans.start(name, kind, before, attributes)
    failure: str | None = None
    try:
        yield span
    except BaseException as error:
        failure = type(error).__name__
        raise
    finally:
        span.end(failure)

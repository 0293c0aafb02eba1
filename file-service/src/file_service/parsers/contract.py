"""What a parser is given, and what it gives back.

A parser is a function `parse(source, task, output)` in a module here, named in `registry`. What it returns are facts:
small, JSON, kept with the file and shown to its owner. It runs alone in its process and may block, crash and be killed;
it has no network, no secrets, and nothing on disk but `task.scratch`.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Literal, Protocol, TypeAlias

Facts: TypeAlias = dict[str, Any]

OUT_OF_MEMORY = 77  # the exit code of whoever cannot even say so; nothing else uses it

# What a file can be refused for. The sandbox itself adds how a parser ended that did not say.
Reason = Literal["broken", "encrypted", "too-large", "unsupported"]


class Refused(Exception):
    """The file cannot be read, now or later. `detail` is shown to its owner: a sentence without a full stop."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


class Source(Protocol):
    """The bytes of the file: seekable, read as they are asked for, fastest from front to back."""

    size: int  # in bytes

    def open(self) -> BinaryIO:
        """At the beginning. One at a time."""
        ...


@dataclass(frozen=True, slots=True)
class Task:
    """`options` are the parser's own. `scratch` is a folder that is removed afterwards; None where there is none."""

    content_type: str
    filename: str
    options: Mapping[str, Any] = field(default_factory=dict)
    scratch: str | None = None


class Writer(Protocol):
    def write(self, data: bytes) -> object: ...


class Output(Protocol):
    """What is derived, in the order in which it is given."""

    def object(self, name: str, content_type: str) -> AbstractContextManager[Writer]:
        """One object at a time, written from front to back: nothing is held back, and nothing can be written again.

        `name` is `[a-z0-9.-]+`, and is given once.
        """
        ...

    def passage(self, page: int, text: str) -> None:
        """A piece of the file's text, in order; `page` counts from 1, and is 1 where there are no pages."""
        ...


Parser: TypeAlias = Callable[[Source, Task, Output], Facts]

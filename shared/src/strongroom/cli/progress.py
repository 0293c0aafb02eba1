"""Tells how far transfers have got: bars on a terminal, NDJSON for programs, nothing otherwise."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from strongroom.cli.output import Output, harmless
from strongroom.cli.printable import visible

if TYPE_CHECKING:
    from rich.progress import Progress

Told = Callable[[int, int | None], None]
_EVERY = 0.25


class Transfers(Protocol):
    def began(self, name: str, total: int | None) -> Told:
        """What to call with the bytes that are done, and with how many there will be."""
        ...

    def ended(self, name: str, line: str, document: object) -> None:
        """Writes what came of it, where it is not in the way of what is still moving."""
        ...

    def failed(self, name: str) -> None: ...


class Silent:
    def __init__(self, out: Output) -> None:
        self._out = out

    def began(self, name: str, total: int | None) -> Told:
        return lambda _done, _total: None

    def ended(self, name: str, line: str, document: object) -> None:
        self._out.item(line, document)

    def failed(self, name: str) -> None: ...


class Events:
    """`{"event": "progress", "path", "done", "total"}` on standard error, four a second and file."""

    def __init__(self, out: Output) -> None:
        self._out = out

    def began(self, name: str, total: int | None) -> Told:
        last = 0.0

        def told(done: int, expected: int | None) -> None:
            nonlocal last
            now = time.monotonic()
            if now - last >= _EVERY or done == (expected or total):
                last = now
                self._tell({"event": "progress", "path": name, "done": done, "total": expected or total})

        return told

    def ended(self, name: str, line: str, document: object) -> None:
        self._tell({"event": "done", "path": name})
        self._out.item(line, document)

    def failed(self, name: str) -> None:
        """The failure itself is told by whoever began it."""

    def _tell(self, members: dict[str, object]) -> None:
        self._out.failure("", members)


class Bars:
    """One for each file that is under way, below the lines of those that are done."""

    def __init__(self, out: Output, progress: "Progress") -> None:
        self._out = out
        self._progress = progress
        self._tasks: dict[str, int] = {}

    def began(self, name: str, total: int | None) -> Told:
        task = self._progress.add_task("", total=total, path=_short(name))
        self._tasks[name] = task

        def told(done: int, expected: int | None) -> None:
            self._progress.update(task, completed=done, total=expected or total)

        return told

    def ended(self, name: str, line: str, document: object) -> None:
        from rich.text import Text

        self.failed(name)
        if self._out.on_terminal:  # the same one: what is written past the bars would be overwritten by them
            self._progress.console.print(Text(harmless(line)), soft_wrap=True)
        else:
            self._out.item(line, document)

    def failed(self, name: str) -> None:
        task = self._tasks.pop(name, None)
        if task is not None:
            self._progress.refresh()  # so that its end is seen
            self._progress.remove_task(task)  # type: ignore[arg-type]


@contextmanager
def transfers(out: Output) -> Iterator[Transfers]:
    if out.json:
        yield Events(out)
    elif not out.watched:
        yield Silent(out)
    else:
        with _bars(out) as bars:
            yield Bars(out, bars)


def _bars(out: Output) -> "Progress":
    import os

    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    console = Console(file=out.people, no_color=bool(os.environ.get("NO_COLOR")), highlight=False)
    return Progress(
        TextColumn("{task.fields[path]}", markup=False),
        BarColumn(bar_width=None),
        DownloadColumn(binary_units=True),
        TransferSpeedColumn(),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
        console=console,
        expand=True,
        refresh_per_second=5,
    )


def _short(name: str, width: int = 32) -> str:
    shown = visible(name)
    return shown if len(shown) <= width else f"…{shown[1 - width :]}"

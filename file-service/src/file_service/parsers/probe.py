"""Does what its options say, also what no parser should: for those who want to see whether the sandbox holds."""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from file_service.parsers.contract import Facts, Output, Refused, Source, Task

_MIB = 1024**2


def parse(source: Source, task: Task, output: Output) -> Facts:
    """`do` names a deed, `size` its measure; without any, what is read is given back as an object."""
    size = int(task.options.get("size", 1))
    match task.options.get("do"):
        case "look around":
            return _surroundings(task)
        case "print":
            print("x" * size, file=sys.stdout)  # noqa: T201 - that is the deed
        case "flood":
            _flood(output, size)
        case "repeat":
            _flood(output, 1)
            _flood(output, 1)
        case "talk":
            output.passage(1, "x" * size)
        case "exaggerate":
            return {"size": float("inf")}
        case None:
            _copy(source, output)
        case deed:
            _misbehave(str(deed), size, task)
    return {"size": source.size}


def _surroundings(task: Task) -> Facts:
    open_files = [one for one in Path("/proc/self/fd").iterdir() if one.exists()]
    group = Path("/proc/self/autogroup")
    return {
        "environment": dict(os.environ),
        "scratch": task.scratch,
        "open_files": len(open_files),
        "niceness": os.nice(0),
        "group": group.read_text() if group.exists() else None,
    }


def _flood(output: Output, size: int) -> None:
    with output.object("flood", "text/plain") as written:
        for _ in range(size):
            written.write(bytes(_MIB))


def _copy(source: Source, output: Output) -> None:
    with output.object("copy", "application/octet-stream") as written, source.open() as opened:
        while piece := opened.read(_MIB):
            written.write(piece)
    output.passage(1, "It says\0 something")


def _misbehave(deed: str, size: int, task: Task) -> None:
    deeds: Mapping[str, Callable[[], object]] = {
        "refuse": _refuse,
        "raise": _raise,
        "die": lambda: os.kill(os.getpid(), signal.SIGSEGV),
        "be killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
        "sleep": lambda: time.sleep(size),
        "spin": _spin,
        "eat": lambda: [bytearray(_MIB) for _ in range(size)],
        "babble": lambda: os.write(3, b"\xff" * size),
        "pry": lambda: Path(str(task.options["path"])).read_bytes(),
        "scribble": lambda: Path(str(task.options["path"])).write_bytes(b"x"),
        "call": lambda: socket.create_connection(("127.0.0.1", size)),
        "fill": lambda: Path(str(task.scratch), "filled").write_bytes(bytes(size)),
    }
    deeds[deed]()


def _refuse() -> None:
    raise Refused("broken", "It is broken")


def _raise() -> None:
    raise RuntimeError


def _spin() -> None:
    while True:
        pass

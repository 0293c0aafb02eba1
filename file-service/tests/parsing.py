"""Runs a parser in its process, as the sandbox does, and tells what it derived, how it ended and what it took."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BufferedReader, BytesIO
from pathlib import Path
from threading import Timer
from typing import IO, Any, BinaryIO

from file_service.parsers import frames

MIB = 1024 * 1024


@dataclass
class Outcome:
    """`facts` where it succeeded, `refusal` (reason, detail) where it refused, else `exit_code`, as subprocess has it.

    `peak` is the most memory that the process had, in bytes; `passages` are (page, text).
    """

    facts: dict[str, Any] | None = None
    refusal: tuple[str, str] | None = None
    exit_code: int | None = None
    objects: dict[str, bytes] = field(default_factory=dict)
    content_types: dict[str, str] = field(default_factory=dict)
    passages: list[tuple[int, str]] = field(default_factory=list)
    peak: int = 0

    @property
    def text(self) -> str:
        return "".join(text for _, text in self.passages)

    @property
    def found(self) -> dict[str, Any]:
        assert self.facts is not None, (self.refusal, self.exit_code)
        return self.facts


def parsed(
    parser: str,
    data: bytes | Path,
    content_type: str = "application/octet-stream",
    filename: str = "file",
    options: Mapping[str, Any] | None = None,
    *,
    scratch: Path | None = None,
    memory: int = 512 * MIB,
    seconds: int = 60,
) -> Outcome:
    """`data` may be a file, for what is too large to be held. Killed after `seconds`."""
    outcome = Outcome()
    command = [sys.executable, "-I", "-m", "file_service.parsers", f"--parent={os.getpid()}", f"--memory={memory}"]
    command += ["--file-bytes=1000000000", f"--processor-seconds={seconds}"]
    with (
        BytesIO(data) if isinstance(data, bytes) else data.open("rb") as source,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={"LANG": "C.UTF-8"}) as process,
    ):
        assert process.stdin is not None
        assert isinstance(process.stdout, BufferedReader)
        killing = Timer(seconds, process.send_signal, [signal.SIGKILL])
        killing.start()
        size = source.seek(0, os.SEEK_END)
        task = {"parser": parser, "content_type": content_type, "filename": filename, "size": size}
        task |= {"options": options or {}, "scratch": None if scratch is None else str(scratch)}
        try:
            _say(process.stdin, frames.TASK, json.dumps(task).encode())
            _follow(process.stdin, process.stdout, source, outcome)
        except (BrokenPipeError, EOFError):
            pass
        finally:
            killing.cancel()
        outcome.peak = _peak(process.pid)
        process.stdin.close()
        outcome.exit_code = process.wait()
    return outcome


def _peak(pid: int) -> int:
    """In bytes, of a process that is there yet; what `wait4` tells begins with the memory of whoever forked it."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)


def _follow(stdin: IO[bytes], stdout: BufferedReader, source: BinaryIO, outcome: Outcome) -> None:
    name = ""
    while True:
        kind, payload = _hear(stdout)
        if kind == frames.READ:
            start, length = frames.RANGE.unpack(payload)
            source.seek(start)
            _say(stdin, frames.BYTES, source.read(length))
        elif kind == frames.OBJECT:
            begun = json.loads(payload)
            name = begun["name"]
            assert name not in outcome.objects
            outcome.objects[name], outcome.content_types[name] = b"", begun["content_type"]
        elif kind == frames.DATA:
            outcome.objects[name] += payload
        elif kind == frames.PASSAGE:
            passage = json.loads(payload)
            outcome.passages.append((passage["page"], passage["text"]))
        elif kind == frames.FACTS:
            outcome.facts = json.loads(payload)
            return
        elif kind == frames.REFUSED:
            refused = json.loads(payload)
            outcome.refusal = (refused["reason"], refused["detail"])
            return


def _say(stdin: IO[bytes], kind: bytes, payload: bytes) -> None:
    stdin.write(frames.HEAD.pack(kind, len(payload)) + payload)
    stdin.flush()


def _hear(stdout: BufferedReader) -> tuple[bytes, bytes]:
    head = stdout.read(frames.HEAD.size)
    if len(head) < frames.HEAD.size:
        raise EOFError
    kind, length = frames.HEAD.unpack(head)
    return kind, stdout.read(length)

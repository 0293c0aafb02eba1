"""Runs the examples of a page one after the other in one shell, in a folder of their own."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from page_examples import Example

ADDRESS = "http://127.0.0.1:8080"
# Where programs of a page listen; each is replaced by a port that is free.
_PORTS = re.compile(r"\b90\d\d\b")
_MARK = "-- next answer --"
_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Ran:
    """What each example printed; where one failed it is the last of them, and `fault` has what it complained of."""

    answers: list[str]
    fault: str | None


class PageShell:
    def __init__(self, folder: Path, url: str, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._url = url
        self._environment = {
            **os.environ,
            **environment,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }
        self._ports: dict[str, str] = {}

    def run(self, examples: Sequence[Example]) -> Ran:
        """Whatever is still running at the end is ended."""
        script = "".join(f"{self._script(example, at)}\necho '{_MARK}'\n" for at, example in enumerate(examples))
        printed, complaints = self._folder / ".printed", self._folder / ".complaints"
        # Into files: who goes on running in the background would hold a pipe open.
        with printed.open("wb") as out, complaints.open("wb") as errors:
            shell = subprocess.Popen(
                ["bash", "-eu", "-c", self._here(script)],
                cwd=self._folder,
                env=self._environment,
                stdout=out,
                stderr=errors,
                start_new_session=True,
            )
            try:
                code = shell.wait(_SECONDS)
            finally:
                with suppress(ProcessLookupError):  # nobody is left
                    os.killpg(shell.pid, signal.SIGKILL)
                shell.wait()
        *answers, rest = printed.read_text().split(f"{_MARK}\n")
        return Ran([*answers, rest] if code else answers, complaints.read_text()[-4000:] + rest if code else None)

    def files(self, examples: Sequence[Example]) -> dict[str, str]:
        """The Python of a page by the names of its files; what has no name gets one."""
        return {
            example.file or f"at_line_{example.line}.py": self._here(example.text)
            for example in examples
            if example.language == "python" and example.is_run
        }

    def _script(self, example: Example, at: int) -> str:
        if example.file:
            return f"cat > {shlex.quote(example.file)} <<'END OF FILE'\n{example.text}END OF FILE"
        if example.language == "python":
            return f"python - <<'END OF FILE'\n{example.text}END OF FILE"
        if example.runs_on:
            return f"{{ {example.text} }} > {at}.log 2>&1 &"
        return example.text

    def _here(self, text: str) -> str:
        return _PORTS.sub(self._free_port, text.replace(ADDRESS, self._url).replace(ADDRESS[7:], self._url[7:]))

    def _free_port(self, named: re.Match[str]) -> str:
        if named[0] not in self._ports:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self._ports[named[0]] = str(probe.getsockname()[1])
        return self._ports[named[0]]

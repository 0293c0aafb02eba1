"""The command `strongroom` as a script runs it: a process of its own, with a home of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PASSWORD = "tide-lantern-42-orchard"
COMMAND = [sys.executable, "-m", "strongroom.cli"]


@dataclass(frozen=True, slots=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def documents(self) -> list[dict[str, Any]]:
        """Of standard output, which has nothing else."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def told(self) -> list[dict[str, Any]]:
        """Of standard error."""
        return [json.loads(line) for line in self.err.splitlines()]


@dataclass
class CommandLine:
    home: Path
    url: str
    email: str = ""

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("STRONGROOM_", "XDG_"))}
        return {
            **kept,
            "HOME": str(self.home),
            "STRONGROOM_URL": self.url,
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            "NO_PROXY": "*",
            "TERM": "xterm-256color",
            **more,
        }

    def __call__(self, *words: str, stdin: str | bytes = b"", **more: str) -> Ended:
        given = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run(
            [*COMMAND, *words],
            input=given,
            capture_output=True,
            env=self.environment(**more),
            cwd=self.home,
            timeout=120,
            check=False,
        )
        return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())

    def ok(self, *words: str, stdin: str | bytes = b"", **more: str) -> Ended:
        done = self(*words, stdin=stdin, **more)
        assert done.code == 0, done
        return done

    def sign_in(self, email: str, password: str = PASSWORD) -> None:
        self.ok("login", "--email", email, "--password-stdin", stdin=f"{password}\n")

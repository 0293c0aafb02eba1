"""Has the load generators run, each in a process of its own, and reads what they say."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.small_gets import Barrage
from bench.transfer import Exchange

TESTS = Path(__file__).parents[1]

_LONGEST = 120


class LoadFailed(Exception):
    """With what the generator said before it ended."""


@dataclass(frozen=True, slots=True)
class Rate:
    per_second: float
    requests: int


@dataclass(frozen=True, slots=True)
class Carried:
    seconds: float
    answer: str


def fire(barrage: Barrage) -> Rate:
    return Rate(*_run("bench.small_gets", asdict(barrage)))


def carry(port: int, exchanges: Sequence[Exchange]) -> Carried:
    return Carried(*_run("bench.transfer", {"port": port, "exchanges": [asdict(one) for one in exchanges]}))


def head(method: str, target: str, port: int, **fields: str | int) -> str:
    """A request up to its body. `Content_Length=1` among the fields is `Content-Length: 1`."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: 127.0.0.1:{port}", "User-Agent: bench", "Accept: */*"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return "\r\n".join(lines) + "\r\n\r\n"


def _run(module: str, job: dict[str, object]) -> Any:
    ran = subprocess.run(
        [sys.executable, "-m", module],
        cwd=TESTS,
        input=json.dumps(job),
        capture_output=True,
        text=True,
        timeout=_LONGEST,
        check=False,
    )
    if ran.returncode:
        raise LoadFailed(ran.stderr)
    return json.loads(ran.stdout)

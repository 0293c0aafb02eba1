"""How long a first start takes, from nothing but an installed `.venv` to the ready line, and what is resident then."""

import tempfile
import time
from pathlib import Path

import psutil
from bench.memory import at_rest
from bench.report import Figure, median, number
from stack import Stack

_STARTS = 3
_REST_SECONDS = 3
_PROCESSES = ("auth_service", "file_service", "gateway", "postgres", "weed")


def start_up() -> list[Figure]:
    took: list[float] = []
    resident: list[dict[str, float]] = []
    for _ in range(_STARTS):
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            stack = Stack(Path(folder) / "data").wait_until_ready()
            took.append(time.perf_counter() - began)
            try:
                time.sleep(_REST_SECONDS)
                resident.append(_resident(stack))
            finally:
                stack.stop()
    spread = f"{number(min(took))} to {number(max(took))}"
    return [
        Figure("first start, until it is ready", median(took), "s", 8, floor=False, behind=spread),
        *_memory({name: median([one[name] for one in resident]) for name in resident[0]}),
    ]


def _resident(stack: Stack) -> dict[str, float]:
    families = {name: at_rest(stack.service(name)) for name in _PROCESSES}
    everything = at_rest(psutil.Process(stack.pid))
    return {"everything": everything, **families, "launcher": everything - sum(families.values())}


def _memory(resident: dict[str, float]) -> list[Figure]:
    parts = ", ".join(f"{name} {number(size)}" for name, size in resident.items() if name != "everything")
    return [Figure("memory at rest, of all processes together", resident["everything"], "MiB", behind=parts)]

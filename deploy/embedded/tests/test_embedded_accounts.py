"""The account that PostgreSQL runs as where the launcher is root."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from secrets import token_hex

import pytest

from strongroom_embedded import accounts

_AT_ONCE = 8

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make accounts")


@pytest.fixture
def name(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    name = f"strongroom_{token_hex(4)}"
    monkeypatch.setattr(accounts, "_NAME", name)
    yield name
    subprocess.run([shutil.which("userdel") or "/usr/sbin/userdel", name], check=True)


def test_launchers_that_start_at_once_share_one_account(name: str) -> None:
    with ThreadPoolExecutor(_AT_ONCE) as launchers:
        made = list(launchers.map(lambda _: accounts.unprivileged_account(), range(_AT_ONCE)))
    entry = pwd.getpwnam(name)
    assert [(account.uid, account.gid) for account in made if account] == [(entry.pw_uid, entry.pw_gid)] * _AT_ONCE

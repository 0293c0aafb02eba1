"""The pytest plugin, as another package would use it: by root, and by an ordinary user."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import strongroom_embedded

TESTS = """
import asyncio, asyncpg

def test_both_servers_answer(postgres_server, object_server):
    async def connect():
        await (await asyncpg.connect(postgres_server.dsn())).close()
    asyncio.run(connect())
    assert object_server.endpoint.startswith("http://127.0.0.1:")
"""


@pytest.fixture
def open_directory() -> Iterator[Path]:
    """Not tmp_path: that one is closed to other users, all the way up."""
    directory = Path(tempfile.mkdtemp())
    yield directory
    shutil.rmtree(directory)


def may_run_python(uid: int) -> bool:
    try:
        subprocess.run([sys.executable, "-c", ""], user=uid, group=uid, extra_groups=[], check=True)
    except PermissionError:
        return False
    return True


def run_pytest(directory: Path, uid: int | None) -> subprocess.CompletedProcess[str]:
    (directory / "test_plugin.py").write_text(TESTS)
    if uid is not None:
        os.chown(directory, uid, uid)
    source = Path(strongroom_embedded.__file__).parents[1]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "strongroom_embedded.testing", "-p", "no:cacheprovider"]
    return subprocess.run(
        [*command, f"--basetemp={directory / 'tmp'}", "test_plugin.py"],
        cwd=directory,
        env={"PATH": os.defpath, "PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1", "HOME": str(directory)},
        capture_output=True,
        text=True,
        timeout=120,
        user=uid,
        group=uid,
        extra_groups=None if uid is None else [],
        check=False,
    )


def test_it_starts_both_servers(open_directory: Path) -> None:
    ran = run_pytest(open_directory, None)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_it_starts_both_servers_for_an_ordinary_user(open_directory: Path) -> None:
    uid = pwd.getpwnam("nobody").pw_uid
    if os.geteuid() != 0 or not may_run_python(uid):
        pytest.skip("only root can become somebody else, and this Python may be closed to them")
    ran = run_pytest(open_directory, uid)
    assert ran.returncode == 0, ran.stdout + ran.stderr

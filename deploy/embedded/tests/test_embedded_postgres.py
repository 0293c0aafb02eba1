"""Real servers, and the accidents that befall them."""

import asyncio
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from strongroom_embedded import cluster
from strongroom_embedded.accounts import open_path_to, unprivileged_account
from strongroom_embedded.children import Child, Program
from strongroom_embedded.errors import LauncherError
from strongroom_embedded.leftovers import end_leftover_postgres
from strongroom_embedded.postgres import EmbeddedPostgres


def query(dsn: str, *statements: str) -> object:
    """What the last of the statements returns as its single value."""

    async def run() -> object:
        connection = await asyncpg.connect(dsn, timeout=20)
        try:
            for statement in statements[:-1]:
                await connection.execute(statement)
            value: object = await connection.fetchval(statements[-1])
            return value
        finally:
            await connection.close()

    return asyncio.run(run())


def quick(directory: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(directory, "pass-word_1", durable=False)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "cluster"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(tmp_path_factory.mktemp("server") / "cluster", "pass-word_1") as server:
        yield server


def test_it_is_postgresql_18_with_a_database_in_utf8(server: EmbeddedPostgres) -> None:
    assert str(query(server.dsn(), "SHOW server_version")).startswith("18.")
    assert query(server.dsn(), "SELECT current_database()") == "strongroom"
    assert query(server.dsn(), "SHOW server_encoding") == "UTF8"
    assert query(server.dsn(), "SELECT datlocprovider::text FROM pg_database WHERE datname = 'strongroom'") == "b"


def test_the_services_get_a_url_for_asyncpg(server: EmbeddedPostgres) -> None:
    assert server.url == f"postgresql+asyncpg://strongroom:pass-word_1@127.0.0.1:{server.port}/strongroom"


def test_a_wrong_password_is_refused(server: EmbeddedPostgres) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        query(server.dsn().replace("pass-word_1", "guess"), "SELECT 1")


def test_it_listens_on_loopback_alone(server: EmbeddedPostgres) -> None:
    assert server.child is not None
    process = psutil.Process(server.child.pid)
    addresses = {c.laddr.ip for c in process.net_connections("inet") if c.status == psutil.CONN_LISTEN}
    assert addresses == {"127.0.0.1"}
    assert {str(c.laddr) for c in process.net_connections("unix")} <= {""}


def test_it_is_durable_unless_told_otherwise(server: EmbeddedPostgres) -> None:
    settings = ("fsync", "full_page_writes", "synchronous_commit")
    assert {query(server.dsn(), f"SHOW {name}") for name in settings} == {"on"}


def test_its_files_are_its_owners_alone(server: EmbeddedPostgres) -> None:
    assert server.child is not None
    status = psutil.Process(server.child.pid)
    place = Path(status.cwd()).stat()
    assert stat.S_IMODE(place.st_mode) == 0o700
    assert place.st_uid == status.uids().effective != 0


def test_data_outlives_a_kill(directory: Path) -> None:
    with EmbeddedPostgres(directory, "pw") as server:
        query(server.dsn(), "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (42)", "SELECT 1")
        assert server.child is not None
        os.kill(server.child.pid, signal.SIGKILL)
        assert server.child.wait(timeout=20)
    with EmbeddedPostgres(directory, "pw") as server:
        assert query(server.dsn(), "SELECT n FROM kept") == 42


def test_any_directory_will_do(tmp_path: Path) -> None:
    with quick(tmp_path / "a, b; 'ü'" / ("long" * 50)) as server:
        assert query(server.dsn(), "SELECT 1") == 1


def test_stopping_ends_sessions_rather_than_waiting_for_them(directory: Path) -> None:
    async def hold(server: EmbeddedPostgres) -> int | None:
        connection = await asyncpg.connect(server.dsn())
        child = server.child
        server.stop()
        connection.terminate()
        assert child is not None
        return child.exit_code

    with quick(directory) as server:
        assert asyncio.run(hold(server)) == 0


def test_an_initdb_that_was_cut_off_is_begun_anew(directory: Path) -> None:
    password = directory.parent / "password"
    password.write_text("pw")
    unfinished = directory.parent / "cluster.unfinished" / "cluster"
    unfinished.mkdir(parents=True)
    account = unprivileged_account()
    if account is not None:
        for path in (password, unfinished.parent, unfinished):
            os.chown(path, account.uid, account.gid)
        open_path_to(unfinished)
    initdb = Child(
        Program(
            "initdb",
            [
                cluster.installation() / "bin" / "initdb",
                "-D",
                unfinished,
                f"--pwfile={password}",
                "-A",
                "scram-sha-256",
            ],
            cluster.server_environment(),
            directory.parent,
            directory.parent / "initdb.log",
            account,
        )
    )
    while not (unfinished / "PG_VERSION").exists():
        assert initdb.exit_code is None
    os.kill(initdb.pid, signal.SIGKILL)
    assert initdb.wait(timeout=20)
    with quick(directory) as server:
        assert query(server.dsn(), "SELECT 1") == 1
    assert not unfinished.parent.exists()


def test_an_initdb_that_fails_says_why_and_leaves_no_cluster(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "SUPERUSER", "pg_forbidden")
    with pytest.raises(LauncherError, match="pg_"):
        quick(directory).launch()
    assert not directory.exists()


def test_a_server_left_over_is_stopped_first(directory: Path) -> None:
    with quick(directory) as left_over, quick(directory) as server:
        assert left_over.child is not None
        assert left_over.child.exit_code == 0
        assert query(server.dsn(), "SELECT 1") == 1


def test_the_next_start_waits_out_a_server_whose_launcher_was_killed(directory: Path) -> None:
    launcher = f"""
import time
from pathlib import Path
from strongroom_embedded.postgres import EmbeddedPostgres
with EmbeddedPostgres(Path({str(directory)!r}), "pass-word_1", durable=False) as server:
    print(server.child.pid, flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", launcher], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        old = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    with quick(directory) as server:
        assert is_over(old)
        assert query(server.dsn(), "SELECT 1") == 1


def is_over(process: psutil.Process) -> bool:
    """An orphan stays a zombie until init finds the time."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_pid_file_that_names_someone_else_harms_nobody(directory: Path) -> None:
    with quick(directory):
        pass
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    (directory / "postmaster.pid").write_text(f"{bystander.pid}\n{directory}\n1\n5432\n\n127.0.0.1\n 1 1\nready\n")
    with quick(directory) as server:
        assert query(server.dsn(), "SELECT 1") == 1
        assert bystander.poll() is None
    bystander.kill()
    bystander.wait()


def test_a_server_of_another_directory_is_left_alone(server: EmbeddedPostgres, directory: Path) -> None:
    directory.mkdir()
    assert server.child is not None
    (directory / "postmaster.pid").write_text(f"{server.child.pid}\n")
    end_leftover_postgres(directory)
    assert server.child.exit_code is None


def test_a_port_taken_at_the_last_moment_is_a_clear_failure(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setattr("strongroom_embedded.postgres.free_port", lambda: taken.getsockname()[1])
        with pytest.raises(LauncherError, match="could not bind"), quick(directory):
            pass

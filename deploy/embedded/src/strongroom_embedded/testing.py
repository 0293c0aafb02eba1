"""A pytest plugin: a real PostgreSQL and a real S3 server, each started once a run, for tests of any package.

Switch it on with `pytest_plugins = ["strongroom_embedded.testing"]` in the conftest.py at the root, or with `-p`.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from strongroom_embedded.postgres import EmbeddedPostgres
from strongroom_embedded.seaweed import EmbeddedSeaweed

_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
_PLENTY = 4 * 1024**3  # bytes; containers have as little as 64 MiB


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """Quick rather than durable. Shared by all tests: give each a database of its own.

    In memory where there is plenty: a database is three hundred files, and is cloned ten times as fast there.
    """
    with (
        tempfile.TemporaryDirectory(prefix="postgres-", dir=_quick(tmp_path_factory.getbasetemp())) as directory,
        EmbeddedPostgres(Path(directory) / "cluster", "test", durable=False) as server,
    ):
        yield server


def _quick(otherwise: Path) -> Path:
    with suppress(OSError):
        if shutil.disk_usage(_MEMORY).free > _PLENTY:
            return _MEMORY
    return otherwise


@pytest.fixture(scope="session")
def object_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedSeaweed]:
    """With the bucket `strongroom` in it. Shared by all tests: give each a key prefix of its own."""
    with EmbeddedSeaweed(tmp_path_factory.mktemp("seaweed") / "objects", "test-access", "test-secret") as store:
        yield store

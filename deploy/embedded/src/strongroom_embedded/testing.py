"""A pytest plugin: a real PostgreSQL and a real S3 server, each started once a run, for tests of any package.

Switch it on with `pytest_plugins = ["strongroom_embedded.testing"]` in the conftest.py at the root, or with `-p`.
"""

from collections.abc import Iterator

import pytest

from strongroom_embedded.postgres import EmbeddedPostgres
from strongroom_embedded.seaweed import EmbeddedSeaweed


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """Quick rather than durable. Shared by all tests: give each a database of its own."""
    with EmbeddedPostgres(tmp_path_factory.mktemp("postgres") / "cluster", "test", durable=False) as server:
        yield server


@pytest.fixture(scope="session")
def object_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedSeaweed]:
    """With the bucket `strongroom` in it. Shared by all tests: give each a key prefix of its own."""
    with EmbeddedSeaweed(tmp_path_factory.mktemp("seaweed") / "objects", "test-access", "test-secret") as store:
        yield store

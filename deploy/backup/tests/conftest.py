"""Databases with the tables of both services, and a bucket, to back up and to restore into."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from minio import Minio
from pydantic import SecretStr

from file_service.storage import bucket
from file_service.storage.minio_object_store import MinioObjectStore, connect
from strongroom.database.migrations import migrate
from strongroom_backup.repository import Repository
from strongroom_backup.settings import BackupSettings
from strongroom_embedded.postgres import EmbeddedPostgres
from strongroom_embedded.seaweed import EmbeddedSeaweed

ROOT = Path(__file__).parents[3]
SCRIPTS = {"auth": ROOT / "auth-service" / "migrations", "files": ROOT / "file-service" / "migrations"}


@pytest.fixture
def new_database(postgres_server: EmbeddedPostgres, administer: Callable[[str], None]) -> Iterator[Callable[..., str]]:
    """Makes databases and gives their URLs: with the tables as of `auth` and `files`, or with none."""
    made: list[str] = []

    def make(**revisions: str) -> str:
        made.append(f"backup_{uuid4().hex}")
        administer(f'create database "{made[-1]}"')
        for schema, revision in revisions.items():
            migrate(SCRIPTS[schema], postgres_server.dsn(made[-1]), revision)
        return postgres_server.dsn(made[-1])

    yield make
    for name in made:
        administer(f'drop database "{name}" with (force)')


@pytest.fixture
def source(new_database: Callable[..., str]) -> str:
    return new_database(auth="head", files="head")


@pytest.fixture
def target(new_database: Callable[..., str]) -> str:
    return new_database(auth="head", files="head")


@pytest.fixture
def nothing(new_database: Callable[..., str]) -> str:
    return new_database()


@pytest.fixture
def new_bucket(object_server: EmbeddedSeaweed) -> Iterator[Callable[[], str]]:
    client, made = _client(object_server), list[str]()

    def make() -> str:
        made.append(f"test-{uuid4().hex}")
        bucket.prepare(client, made[-1])
        return made[-1]

    yield make
    for name in made:
        for one in client.list_objects(bucket_name=name, recursive=True):
            client.remove_object(bucket_name=name, object_name=str(one.object_name))
        client.remove_bucket(bucket_name=name)


def _client(server: EmbeddedSeaweed) -> Minio:
    return connect(server.endpoint, server.access_key, server.secret_key, "us-east-1")


@pytest.fixture
async def store(object_server: EmbeddedSeaweed, new_bucket: Callable[[], str]) -> AsyncIterator[MinioObjectStore]:
    """What is backed up."""
    opened = MinioObjectStore(_client(object_server), new_bucket())
    yield opened
    await opened.aclose()


@pytest.fixture
def into(object_server: EmbeddedSeaweed, new_bucket: Callable[[], str]) -> Callable[..., BackupSettings]:
    """The settings of a restore into a database, and into a bucket with nothing in it."""

    def settings(url: str, **others: Any) -> BackupSettings:
        return BackupSettings(
            database_url=SecretStr(url),
            s3_endpoint=object_server.endpoint,
            s3_access_key=SecretStr(object_server.access_key),
            s3_secret_key=SecretStr(object_server.secret_key),
            s3_bucket=new_bucket(),
            **others,
        )

    return settings


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    repository = Repository(tmp_path / "backups")
    repository.prepare()
    return repository

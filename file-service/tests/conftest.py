"""The file service on a database and a bucket of its own, behind an issuer in memory."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from bare_store import BareStore
from direct_client import DirectClient
from fastapi import FastAPI
from file_client import FileClient
from leftovers import Leftovers
from link_visitor import LinkVisitor
from minio import Minio
from moving_clock import MovingClock
from plain_settings import plain
from starlette.types import ASGIApp
from store_tap import StoreTap
from tus_client import TusClient
from upkeep_rig import Rig, WatchedStore
from webhook_receiver import Receiver
from webhook_rig import WebhookRig

from file_service.app import create_app
from file_service.files.freeing import Freeing
from file_service.resumable.expiry import Expiry
from file_service.resumable.releasing import Releasing
from file_service.settings import FileSettings, WorkerSettings
from file_service.storage import bucket
from file_service.storage.minio_object_store import MinioObjectStore, connect
from file_service.usage.turns import Turns
from file_service.work import working
from strongroom.database import Database
from strongroom.database.jobs import JobQueue
from strongroom.testing import TestIssuer
from strongroom_embedded.seaweed import EmbeddedSeaweed

MIGRATIONS = Path(__file__).parents[1] / "migrations"


@pytest.fixture(scope="session")
def issuer() -> TestIssuer:
    return TestIssuer()


@pytest.fixture(autouse=True)
def patient_owners(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many changes to one owner's files at once all come through, on a slow machine too."""
    monkeypatch.setattr("file_service.usage.repository._PATIENCE", "60s")
    monkeypatch.setattr(Turns.__init__, "__kwdefaults__", {"patience": 60})


@pytest.fixture
def impatient_owners(monkeypatch: pytest.MonkeyPatch, patient_owners: None) -> None:
    """Whoever finds one busy soon gives up."""
    monkeypatch.setattr("file_service.usage.repository._PATIENCE", "50ms")


@pytest.fixture
def s3(object_server: EmbeddedSeaweed) -> Minio:
    return connect(object_server.endpoint, object_server.access_key, object_server.secret_key, "us-east-1")


@pytest.fixture
def bucket_name(s3: Minio) -> Iterator[str]:
    name = f"test-{uuid4().hex}"
    bucket.prepare(s3, name)
    yield name
    for one in s3.list_objects(bucket_name=name, recursive=True):
        s3.remove_object(bucket_name=name, object_name=str(one.object_name))
    s3.remove_bucket(bucket_name=name)


@pytest.fixture
async def store(s3: Minio, bucket_name: str) -> AsyncIterator[MinioObjectStore]:
    opened = MinioObjectStore(s3, bucket_name)
    yield opened
    await opened.aclose()


@pytest.fixture
def database_url(make_database: Callable[[Path], str]) -> str:
    return make_database(MIGRATIONS)


@pytest.fixture
async def settings(
    database_url: str,
    object_server: EmbeddedSeaweed,
    bucket_name: str,
    issuer: TestIssuer,
    serve: Callable[[ASGIApp], Awaitable[str]],
) -> FileSettings:
    return FileSettings.model_validate(
        {
            "database_url": database_url,
            "public_url": issuer.url,
            "auth_url": await serve(issuer),
            "s3_endpoint": object_server.endpoint,
            "s3_access_key": object_server.access_key,
            "s3_secret_key": object_server.secret_key,
            "s3_bucket": bucket_name,
            "max_file_bytes": 20 * 1024 * 1024,
            "max_files_per_upload": 20,
            "bcrypt_rounds": 4,
        }
    )


@pytest.fixture
async def origin(
    settings: FileSettings, serve: Callable[[ASGIApp], Awaitable[str]], prepared: Callable[[FastAPI], FastAPI]
) -> str:
    return await serve(prepared(create_app(settings)))


@pytest.fixture
def client_of(origin: str, http: httpx2.AsyncClient, issuer: TestIssuer) -> Callable[..., FileClient]:
    """Makes clients, each of an account of its own. Arguments are claims of the token."""

    def make(**claims: Any) -> FileClient:
        return FileClient(http, origin, issuer.token(**claims))

    return make


@pytest.fixture
def visitor(origin: str, http: httpx2.AsyncClient) -> LinkVisitor:
    return LinkVisitor(http, origin)


@pytest.fixture
def ada(client_of: Callable[..., FileClient]) -> FileClient:
    return client_of()


@pytest.fixture
def tus(ada: FileClient) -> TusClient:
    return TusClient(ada)


@pytest.fixture
async def bare() -> AsyncIterator[BareStore]:
    async with BareStore().listening() as bare:
        yield bare


@pytest.fixture
async def tap(object_server: EmbeddedSeaweed) -> AsyncIterator[StoreTap]:
    async with StoreTap(object_server.endpoint).listening() as tap:
        yield tap


@pytest.fixture
def published(settings: FileSettings, tap: StoreTap) -> FileSettings:
    """The store can be reached by clients, under another address than the service's own."""
    return settings.model_copy(update={"s3_public_endpoint": tap.endpoint, "max_file_bytes": 64 * 1024 * 1024})


@pytest.fixture
def direct(ada: FileClient) -> DirectClient:
    """For modules whose `origin` is of a service that is `published`."""
    return DirectClient(ada)


@pytest.fixture
def expiry(database: Database, store: MinioObjectStore) -> Callable[[MovingClock], Expiry]:
    """Of unfinished uploads, at another time."""

    def at(clock: MovingClock) -> Expiry:
        jobs = JobQueue(database, "files")
        return Expiry(database, Releasing(jobs, Freeing(database, jobs, store), store), clock=clock)

    return at


@pytest.fixture
async def database(settings: FileSettings) -> AsyncIterator[Database]:
    opened = Database(settings.database_url.get_secret_value())
    yield opened
    await opened.aclose()


@pytest.fixture
async def worker(settings: FileSettings, database: Database, store: MinioObjectStore) -> AsyncIterator[None]:
    """A worker is at work."""
    wanted = WorkerSettings.model_validate(plain(settings))
    async with working(wanted, database, store, background=False):  # the machine is busy with tests
        yield


@pytest.fixture
def leftovers(s3: Minio, bucket_name: str, database: Database) -> Leftovers:
    return Leftovers(s3, bucket_name, database)


@pytest.fixture
async def rig(s3: Minio, bucket_name: str, database: Database) -> AsyncIterator[Rig]:
    store = WatchedStore(s3, bucket_name)
    yield Rig(database, store)
    await store.aclose()


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
async def receiving(receiver: Receiver, serve: Callable[[ASGIApp], Awaitable[str]]) -> str:
    """Where the receiver is."""
    return await serve(receiver)


@pytest.fixture
def webhooks(settings: FileSettings, database: Database, ada: FileClient) -> WebhookRig:
    """For modules whose `settings` allow private addresses, or that send nothing."""
    return WebhookRig(settings, database, ada)

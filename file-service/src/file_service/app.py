"""Puts the file service together: the only module that knows every part."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from file_service.copies import routes as copy_routes
from file_service.copies.service import Copies
from file_service.downloads import routes as download_routes
from file_service.downloads.service import Downloads
from file_service.files import history_routes
from file_service.files import routes as file_routes
from file_service.files.freeing import Freeing
from file_service.files.history import History
from file_service.files.recording import Recording
from file_service.files.removal import Removal
from file_service.files.service import Files
from file_service.folders import routes as folder_routes
from file_service.folders.service import Folders
from file_service.settings import FileSettings
from file_service.storage.minio_object_store import MinioObjectStore, connect
from file_service.storage.object_store import ObjectStore
from file_service.uploads import raw_routes
from file_service.uploads import routes as upload_routes
from file_service.uploads.content_types import TypePolicy
from file_service.uploads.intake import Intake
from file_service.uploads.limits import UploadLimits
from file_service.uploads.service import Uploads
from file_service.usage import routes as usage_routes
from file_service.usage.service import Quotas
from strongroom import TokenVerifier
from strongroom.database import Database
from strongroom.database.job_worker import Worker
from strongroom.database.jobs import JobQueue
from strongroom.web.app import build_app
from strongroom.web.health import Readiness
from strongroom.web.housekeeping import housekeeping
from strongroom.web.parts import provide

_LARGEST_BODY = 64 * 1024
_SCHEMA = "files"


def create_app(settings: FileSettings) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        store = object_store(settings)
        try:
            async with parts_of(settings, store) as parts:
                provide(app, *parts)
                yield
        finally:
            await store.aclose()

    return build_app(
        "Strongroom file service",
        lifespan=lifespan,
        routers=[
            upload_routes.router,
            raw_routes.router,
            usage_routes.router,
            folder_routes.router,
            copy_routes.router,
            download_routes.router,
            history_routes.router,
            file_routes.router,
        ],
        body_limit=_LARGEST_BODY,
        streaming=("/files/upload", "/files/raw/", "/files/content/"),
    )


def object_store(settings: FileSettings) -> MinioObjectStore:
    client = connect(
        settings.s3_endpoint,
        settings.s3_access_key.get_secret_value(),
        settings.s3_secret_key.get_secret_value(),
        settings.s3_region,
    )
    return MinioObjectStore(client, settings.s3_bucket)


@asynccontextmanager
async def parts_of(settings: FileSettings, store: ObjectStore) -> AsyncIterator[tuple[object, ...]]:
    """Everything that the routes need, at work while inside."""
    database = Database(settings.database_url.get_secret_value())
    verifier = TokenVerifier(
        settings.public_url,
        jwks_url=f"{settings.auth_url}/.well-known/jwks.json",
        revocations_url=f"{settings.auth_url}/auth/revocations",
    )
    jobs = JobQueue(database, _SCHEMA)
    quotas = Quotas(database, default=settings.quota_bytes)
    freeing = Freeing(jobs, store)
    removal = Removal(quotas, freeing)
    recording = Recording(database, quotas)
    history = History(database, quotas)
    uploads = Uploads(
        store,
        Intake(store, TypePolicy(settings.allowed_types, settings.denied_types)),
        recording,
        UploadLimits(quotas, settings.max_file_bytes, settings.max_file_bytes_by_role),
        max_files=settings.max_files_per_upload,
    )
    worker = Worker(settings.database_url.get_secret_value(), _SCHEMA, freeing.handlers())
    checks = {"database": database.ping, "store": store.ping}
    try:
        async with verifier, worker, housekeeping([jobs.prune]):
            yield (
                Files(database, quotas, removal),
                Folders(database, quotas, removal),
                Copies(store, quotas, history, recording),
                Downloads(store, history),
                history,
                quotas,
                uploads,
                verifier,
                Readiness(checks, notes={"revocations": lambda: verifier.feed.state}),
            )
    finally:
        await database.aclose()

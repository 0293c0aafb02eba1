"""Puts the file service together: the only module that knows every part."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from file_service.downloads import routes as download_routes
from file_service.downloads.service import Downloads
from file_service.files import routes as file_routes
from file_service.files.service import Files
from file_service.settings import FileSettings
from file_service.storage.minio_object_store import MinioObjectStore, connect
from file_service.uploads import routes as upload_routes
from file_service.uploads.service import Uploads
from strongroom import TokenVerifier
from strongroom.database import Database
from strongroom.web.app import build_app
from strongroom.web.health import Readiness
from strongroom.web.parts import provide

_LARGEST_BODY = 64 * 1024


def create_app(settings: FileSettings) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with _parts(settings) as parts:
            provide(app, *parts)
            yield

    return build_app(
        "Strongroom file service",
        lifespan=lifespan,
        routers=[upload_routes.router, download_routes.router, file_routes.router],
        body_limit=_LARGEST_BODY,
        streaming=("/files/upload",),
    )


@asynccontextmanager
async def _parts(settings: FileSettings) -> AsyncIterator[tuple[object, ...]]:
    database = Database(settings.database_url.get_secret_value())
    store = MinioObjectStore(
        connect(
            settings.s3_endpoint,
            settings.s3_access_key.get_secret_value(),
            settings.s3_secret_key.get_secret_value(),
            settings.s3_region,
        ),
        settings.s3_bucket,
    )
    verifier = TokenVerifier(
        settings.public_url,
        jwks_url=f"{settings.auth_url}/.well-known/jwks.json",
        revocations_url=f"{settings.auth_url}/auth/revocations",
    )
    files = Files(database, store)
    uploads = Uploads(store, files, max_file_bytes=settings.max_file_bytes, max_files=settings.max_files_per_upload)
    checks = {"database": database.ping, "store": store.ping}
    try:
        async with verifier:
            yield (
                files,
                uploads,
                Downloads(store, files),
                verifier,
                Readiness(checks, notes={"revocations": lambda: verifier.feed.state}),
            )
    finally:
        await store.aclose()
        await database.aclose()

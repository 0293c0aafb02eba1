"""Opens the store that the settings name."""

from minio import Minio

from file_service.settings import StorageSettings
from file_service.storage.minio_object_store import MinioObjectStore, connect
from file_service.storage.minio_public_urls import MinioPublicUrls
from file_service.storage.public_urls import PublicUrls
from file_service.storage.signed_requests import Pool


def object_store(settings: StorageSettings) -> MinioObjectStore:
    pool = Pool(connections=settings.s3_connections)
    return MinioObjectStore(client(settings, settings.s3_endpoint), settings.s3_bucket, pool)


def public_urls(settings: StorageSettings) -> PublicUrls | None:
    """None where clients are not to reach the store."""
    if settings.s3_public_endpoint is None:
        return None
    signer = client(settings, settings.s3_public_endpoint)
    return MinioPublicUrls(signer, settings.s3_bucket, settings.s3_secret_key.get_secret_value())


def client(settings: StorageSettings, endpoint: str) -> Minio:
    keys = (settings.s3_access_key.get_secret_value(), settings.s3_secret_key.get_secret_value())
    return connect(endpoint, *keys, settings.s3_region)

"""Opens the store that the settings name."""

from minio import Minio

from file_service.settings import StorageSettings, StoreSetupSettings
from file_service.storage import bucket, narrow_key
from file_service.storage.minio_object_store import MinioObjectStore, connect
from file_service.storage.minio_public_urls import MinioPublicUrls
from file_service.storage.public_urls import PublicUrls
from file_service.storage.signed_requests import Pool


def object_store(settings: StorageSettings) -> MinioObjectStore:
    pool = Pool(connections=settings.s3_connections)
    return MinioObjectStore(client(settings, settings.s3_endpoint), settings.s3_bucket, pool)


def prepare(settings: StoreSetupSettings) -> bool:
    """Makes the bucket, and the key of the services, which may be there already: False. Raises KeyNotMade."""
    root = (settings.s3_root_access_key.get_secret_value(), settings.s3_root_secret_key.get_secret_value())
    bucket.prepare(connect(settings.s3_endpoint, *root, settings.s3_region), settings.s3_bucket)
    admin = narrow_key.administration(settings.s3_endpoint, *root, settings.s3_region)
    user = client(settings, settings.s3_endpoint)
    return narrow_key.make(admin, user, settings.s3_bucket, *_keys(settings))


def public_urls(settings: StorageSettings) -> PublicUrls | None:
    """None where clients are not to reach the store."""
    if settings.s3_public_endpoint is None:
        return None
    signer = client(settings, settings.s3_public_endpoint)
    return MinioPublicUrls(signer, settings.s3_bucket, settings.s3_secret_key.get_secret_value())


def client(settings: StorageSettings, endpoint: str) -> Minio:
    return connect(endpoint, *_keys(settings), settings.s3_region)


def _keys(settings: StorageSettings) -> tuple[str, str]:
    return settings.s3_access_key.get_secret_value(), settings.s3_secret_key.get_secret_value()

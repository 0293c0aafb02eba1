"""The settings of the file service, read once by `app.py`."""

from pydantic import Field, SecretStr

from strongroom.web.settings import DatabaseSettings, ServiceSettings, Settings


class StorageSettings(Settings):
    """Where the objects are kept."""

    s3_endpoint: str = Field(description="`http://host:port` of any S3 store")
    s3_access_key: SecretStr
    s3_secret_key: SecretStr
    s3_bucket: str = "strongroom"
    s3_region: str = "us-east-1"


class FileSettings(ServiceSettings, DatabaseSettings, StorageSettings):
    auth_url: str = Field(description="The auth service, for its keys and its revocations")
    max_file_bytes: int = Field(default=50 * 1024**3, ge=1)
    max_files_per_upload: int = Field(default=1000, ge=1)

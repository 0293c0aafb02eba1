"""The settings of the file service, read once by `app.py`."""

from pydantic import Field, SecretStr

from strongroom.web.settings import DatabaseSettings, ServiceSettings, Settings

_GIB = 1024**3


class StorageSettings(Settings):
    """Where the objects are kept."""

    s3_endpoint: str = Field(description="`http://host:port` of any S3 store")
    s3_access_key: SecretStr
    s3_secret_key: SecretStr
    s3_bucket: str = "strongroom"
    s3_region: str = "us-east-1"


class FileSettings(ServiceSettings, DatabaseSettings, StorageSettings):
    auth_url: str = Field(description="The auth service, for its keys and its revocations")
    quota_bytes: int = Field(default=100 * _GIB, ge=0, description="Of an account that has no other")
    max_file_bytes: int = Field(default=50 * _GIB, ge=1)
    max_file_bytes_by_role: dict[str, int] = Field(
        default_factory=dict, description='JSON, like {"guest": 1048576}; of several roles the largest counts'
    )
    max_files_per_upload: int = Field(default=1000, ge=1)
    allowed_types: list[str] = Field(default_factory=list, description='JSON, like ["image/*"]; empty allows all')
    denied_types: list[str] = Field(default_factory=list, description="JSON; goes before what is allowed")

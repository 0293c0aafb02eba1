"""The settings of the file service, read once by `app.py`."""

import re
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from strongroom.web.settings import DatabaseSettings, ServiceSettings, Settings, UpkeepPause

_GIB = 1024**3
_ORIGIN = re.compile(r"https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?", re.IGNORECASE)


class StorageSettings(Settings):
    """Where the objects are kept."""

    s3_endpoint: str = Field(description="`http://host:port` of any S3 store")
    s3_access_key: SecretStr
    s3_secret_key: SecretStr
    s3_bucket: str = "strongroom"
    s3_region: str = "us-east-1"
    s3_public_endpoint: str | None = Field(
        default=None, description="Where clients reach the same store; switches direct transfers on"
    )

    s3_connections: int = Field(default=1024, ge=2, description="At most, of one process; whoever comes then waits")

    @field_validator("s3_public_endpoint")
    @classmethod
    def _origin(cls, value: str | None) -> str | None:
        """Host and port are signed, so there must be no doubt about them."""
        if value is None:
            return None
        if not _ORIGIN.fullmatch(value) or urlsplit(value).port == 0:
            raise ValueError("must be http://host, https://host, or either with :port, and nothing behind it")
        return value.lower()  # as clients send it, whatever they are given


class StoreSetupSettings(StorageSettings):
    """Of whoever prepares the store: its own key, by which that of the services is made."""

    s3_root_access_key: SecretStr
    s3_root_secret_key: SecretStr


class UpkeepSettings(Settings):
    """How long things are kept, and how stored bytes are looked after. Where 0 is allowed, it turns that off."""

    trash_days: int | None = Field(default=30, ge=0, description="Then what is in the trash is removed for good")
    keep_versions: int | None = Field(default=100, ge=0, description="Of each file, the current one included")
    event_days: float = Field(default=7, gt=0, description="Events older than that cannot be replayed")
    version_days: int | None = Field(default=None, ge=0, description="How far back a file can be had as it was")
    scrub_days: int = Field(default=30, ge=0, description="How often stored bytes are compared with their checksums")
    scrub_bytes_per_second: int = Field(default=8 * 1024**2, ge=1, description="At most, by one replica at a time")
    sweep_hours: float = Field(default=6, ge=0, description="How often the bucket is compared with the tables")
    recount_hours: float = Field(default=6, ge=0, description="How often usage is compared with what there is")
    orphan_hours: float = Field(default=24, ge=1, description="Only older objects are deleted when no row has them")


class WebhookSettings(Settings):
    """Whom owners may have told of what happens to their files, and for how long that is tried."""

    max_webhooks: int = Field(default=20, ge=0, description="Of one account; 0 allows none")
    webhook_private_addresses: bool = Field(
        default=False, description="Whether they may be in the networks that we are in; for tests and closed networks"
    )
    webhook_failing_days: float = Field(default=3, gt=0, description="Then one where nothing arrives is disabled")
    webhook_log_days: float = Field(default=30, gt=0, description="How long what was sent can be sent again")


class WorkerSettings(DatabaseSettings, StorageSettings, UpkeepSettings, WebhookSettings):
    """All that the worker needs to know."""

    work: Literal["all", "insides", "webhooks"] = Field(
        default="all", description="What it does; apart, what reads hostile files needs no way out, and webhooks do"
    )
    worker_metrics_listen: str | None = Field(
        default=None,
        pattern=r"^.+:\d+$",
        description="`host:port` for the worker's `/metrics`, not for the outside; none by default",
    )
    log_level: str = "INFO"


class FileSettings(ServiceSettings, DatabaseSettings, StorageSettings, UpkeepSettings, UpkeepPause, WebhookSettings):
    auth_url: str = Field(description="The auth service, for its keys and its revocations")
    quota_bytes: int = Field(default=100 * _GIB, ge=0, description="Of an account that has no other")
    max_file_bytes: int = Field(default=50 * _GIB, ge=1)
    max_file_bytes_by_role: dict[str, int] = Field(
        default_factory=dict, description='JSON, like {"guest": 1048576}; of several roles the largest counts'
    )
    upload_idle_seconds: float = Field(default=60, gt=0, description="Longest silence of a client that uploads")
    max_uploads_at_once: int = Field(default=100, ge=1, description="Of one account, in one process")
    resumable_hours: float = Field(
        default=24, gt=0, le=7 * 24, description="How long an unfinished upload is kept after its last bytes"
    )
    max_files_per_upload: int = Field(default=1000, ge=1)
    allowed_types: list[str] = Field(default_factory=list, description='JSON, like ["image/*"]; empty allows all')
    max_listeners: int = Field(default=10_000, ge=1, description="To events, at once, of one process")
    max_listeners_each: int = Field(default=100, ge=1, description="Of those, of one account")
    bcrypt_rounds: int = Field(default=12, ge=4, le=16, description="Of the passwords of share links")
    denied_types: list[str] = Field(default_factory=list, description="JSON; goes before what is allowed")

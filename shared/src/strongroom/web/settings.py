"""The settings that every service has. A service subclasses this once, and only its `app.py` reads it."""

from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

# Where containers are given secrets. What is not in the environment cannot be read out of it by whoever may look there.
_SECRETS = Path("/run/secrets")


class Settings(BaseSettings):
    """Read from `STRONGROOM_*` in the environment, where an empty value counts as not set.

    What is not there is read from files in /run/secrets that are named like it in small letters, as in
    /run/secrets/strongroom_master_key.
    """

    model_config = SettingsConfigDict(
        env_prefix="STRONGROOM_",
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        hide_input_in_errors=True,
        secrets_dir=_SECRETS if _SECRETS.is_dir() else None,
    )


class DatabaseSettings(Settings):
    """All that a migration needs to know."""

    database_url: SecretStr


class UpkeepPause(Settings):
    """Of services that keep something in order beside the requests."""

    upkeep_after_seconds: float = Field(
        default=10, ge=0, description="When a process begins with that: who has just started answers requests first"
    )


class ServiceSettings(Settings):
    listen: str = Field(default="127.0.0.1:8000", description="`host:port`, or `fd:N` for an inherited socket")
    public_url: str = Field(description="The address that clients know; also the issuer of tokens")
    trusted_proxies: str = Field(default="127.0.0.1", description="Addresses whose X-Forwarded-* is believed")
    log_level: str = "INFO"

    @field_validator("public_url")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value.rstrip("/")

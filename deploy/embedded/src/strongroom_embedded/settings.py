"""Reads the launcher's settings from the environment, and refuses what cannot work before anything is started."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from strongroom_embedded.errors import BadSettings

LOOPBACK = "127.0.0.1"
DEFAULT_ADMIN_EMAIL = "admin@strongroom.internal"

# What the launcher itself reads or decides. Every other STRONGROOM_* variable goes to all services as it is.
OWN_VARIABLES = frozenset(
    f"STRONGROOM_{name}"
    for name in (
        "ADMIN_EMAIL",
        "ADMIN_PASSWORD",
        "AUTH_URL",
        "DATA",
        "DATABASE_URL",
        "FILES_URL",
        "LISTEN",
        "MAIL_DIR",
        "MASTER_KEY",
        "PORT",
        "PUBLIC_URL",
        "S3_ACCESS_KEY",
        "S3_BUCKET",
        "S3_ENDPOINT",
        "S3_SECRET_KEY",
        "TRUSTED_PROXIES",
    )
)


@dataclass(frozen=True, slots=True)
class ObjectStoreAddress:
    endpoint: str
    access_key: str
    secret_key: str
    bucket: str


@dataclass(frozen=True, slots=True)
class Settings:
    """`port` 0 asks for any free port. None means that the launcher finds, makes or starts the thing itself."""

    port: int
    data: Path
    public_url: str | None
    admin_email: str | None
    admin_password: str | None
    database_url: str | None
    object_store: ObjectStoreAddress | None
    master_key: str | None
    mail: Path | None
    trusted_proxies: str
    passed_through: Mapping[str, str]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """An empty string counts as unset. Raises `BadSettings` with one line that names the variable."""
        given = {name: value for name, value in environment.items() if name.startswith("STRONGROOM_") and value}
        mail = given.get("STRONGROOM_MAIL_DIR")
        return cls(
            port=_port(given.get("STRONGROOM_PORT", "8080")),
            data=Path(given.get("STRONGROOM_DATA", ".data")).expanduser().absolute(),
            public_url=_public_url(given.get("STRONGROOM_PUBLIC_URL")),
            admin_email=given.get("STRONGROOM_ADMIN_EMAIL"),
            admin_password=given.get("STRONGROOM_ADMIN_PASSWORD"),
            database_url=_database_url(given.get("STRONGROOM_DATABASE_URL")),
            object_store=_object_store(given),
            master_key=given.get("STRONGROOM_MASTER_KEY"),
            mail=Path(mail).expanduser().absolute() if mail else None,
            trusted_proxies=given.get("STRONGROOM_TRUSTED_PROXIES", LOOPBACK),
            passed_through={name: value for name, value in given.items() if name not in OWN_VARIABLES},
        )


def _port(text: str) -> int:
    # isdecimal alone would let through digits of other scripts, which a URL would not understand.
    if not (text.isascii() and text.isdecimal() and int(text) <= 65535):
        raise BadSettings(f"STRONGROOM_PORT must be a number from 0 to 65535, not {text!r}.")
    return int(text)


def _public_url(text: str | None) -> str | None:
    if text is None:
        return None
    if not text.startswith(("http://", "https://")):
        raise BadSettings(f"STRONGROOM_PUBLIC_URL must start with http:// or https://, not {text!r}.")
    return text.rstrip("/")


def _database_url(text: str | None) -> str | None:
    """The services speak through asyncpg, while people and hosting providers write plain `postgresql://`."""
    if text is None:
        return None
    scheme, separator, rest = text.partition("://")
    if not separator or scheme not in {"postgresql", "postgres", "postgresql+asyncpg"}:
        raise BadSettings("STRONGROOM_DATABASE_URL must start with postgresql://.")
    return f"postgresql+asyncpg://{rest}"


def _object_store(given: Mapping[str, str]) -> ObjectStoreAddress | None:
    endpoint = given.get("STRONGROOM_S3_ENDPOINT")
    if endpoint is None:
        return None
    names = ("STRONGROOM_S3_ACCESS_KEY", "STRONGROOM_S3_SECRET_KEY", "STRONGROOM_S3_BUCKET")
    if missing := [name for name in names if name not in given]:
        raise BadSettings(f"STRONGROOM_S3_ENDPOINT is set, so {', '.join(missing)} must be set too.")
    access_key, secret_key, bucket = (given[name] for name in names)
    return ObjectStoreAddress(endpoint, access_key, secret_key, bucket)

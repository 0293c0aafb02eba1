"""The secrets of one data directory: made once, kept in files that only their owner may read."""

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from strongroom_embedded.private_files import private_directory, write_private


@dataclass(frozen=True, slots=True)
class Secrets:
    postgres_password: str
    s3_access_key: str
    s3_secret_key: str
    master_key: str


def load_secrets(directory: Path) -> Secrets:
    """The same secrets on every call for the same directory; whichever is missing is made and kept."""
    private_directory(directory)
    return Secrets(
        postgres_password=_keep(directory / "postgres-password", lambda: secrets.token_urlsafe(32)),
        s3_access_key=_keep(directory / "s3-access-key", lambda: secrets.token_hex(10)),
        s3_secret_key=_keep(directory / "s3-secret-key", lambda: secrets.token_urlsafe(32)),
        master_key=_keep(directory / "master-key", lambda: base64.b64encode(secrets.token_bytes(32)).decode()),
    )


def _keep(path: Path, generate: Callable[[], str]) -> str:
    if not path.exists():
        write_private(path, generate() + "\n")
    return path.read_text().strip()

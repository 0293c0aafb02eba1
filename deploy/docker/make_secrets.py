"""Makes what only this installation knows, once, in a folder for each container that has to know it.

What the environment names goes before, each time; what is there already stays. On the host only root can look inside.
"""

import base64
import os
import secrets
from collections.abc import Callable
from pathlib import Path

_FOLDER = Path("/secrets")


def main() -> None:
    _FOLDER.chmod(0o700)
    password = _secret("postgres/password", "POSTGRES_PASSWORD", secrets.token_urlsafe)
    url = f"postgresql://strongroom:{password}@postgres:5432/strongroom"
    for service in ("auth", "files"):
        _secret(f"{service}/strongroom_database_url", "STRONGROOM_DATABASE_URL", lambda: url)

    _secret("auth/strongroom_master_key", "STRONGROOM_MASTER_KEY", _key)
    _secret("auth/strongroom_admin_password", "STRONGROOM_ADMIN_PASSWORD", secrets.token_urlsafe)
    _secret("auth/strongroom_smtp_url", "STRONGROOM_SMTP_URL", lambda: "smtp://mail:1025")

    user = _secret("store/root_user", "MINIO_ROOT_USER", lambda: "root")
    root = _secret("store/root_password", "MINIO_ROOT_PASSWORD", secrets.token_urlsafe)
    access = _secret("files/strongroom_s3_access_key", "S3_ACCESS_KEY", lambda: "strongroom")
    secret = _secret("files/strongroom_s3_secret_key", "S3_SECRET_KEY", secrets.token_urlsafe)
    _write("store-setup/strongroom_s3_root_access_key", user)
    _write("store-setup/strongroom_s3_root_secret_key", root)
    _write("store-setup/strongroom_s3_access_key", access)
    _write("store-setup/strongroom_s3_secret_key", secret)


def _secret(name: str, variable: str, make: Callable[[], str]) -> str:
    kept = _FOLDER / name
    value = os.environ.get(variable) or (kept.read_text() if kept.exists() else make())
    _write(name, value)
    return value


def _write(name: str, value: str) -> None:
    """Whole or not at all, and readable by whoever is given the folder."""
    path = _FOLDER / name
    path.parent.mkdir(mode=0o755, exist_ok=True)
    new = path.with_name(f".{path.name}")
    new.write_text(value)
    new.chmod(0o444)
    new.replace(path)


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


if __name__ == "__main__":
    main()

"""The auth service on a database of its own."""

import base64
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx2
import pytest
from auth_client import ADMIN, AuthClient
from starlette.types import ASGIApp

from auth_service.app import create_app
from auth_service.settings import AuthSettings

MIGRATIONS = Path(__file__).parents[1] / "migrations"


@pytest.fixture
def settings(make_database: Callable[[Path], str], tmp_path: Path) -> AuthSettings:
    return AuthSettings.model_validate(
        {
            "database_url": make_database(MIGRATIONS),
            "master_key": base64.b64encode(os.urandom(32)).decode(),
            "public_url": "http://strongroom.test",
            "admin_email": ADMIN["username"],
            "admin_password": ADMIN["password"],
            "bcrypt_rounds": 4,
            "mail_dir": str(tmp_path / "mail"),
        }
    )


@pytest.fixture
async def auth(
    settings: AuthSettings, serve: Callable[[ASGIApp], Awaitable[str]], http: httpx2.AsyncClient
) -> AuthClient:
    return AuthClient(http, await serve(create_app(settings)))

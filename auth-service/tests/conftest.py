"""The auth service on a database of its own."""

import base64
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import asyncpg
import httpx2
import pytest
from auth_client import ADMIN, AuthClient
from auth_clock import Clock
from browser import Browser
from fastapi import FastAPI
from oauth_app import OAuthApp, register_app
from read_mail import Mailbox
from sealed_keys import SealedKeys
from starlette.types import ASGIApp

from auth_service.app import create_app
from auth_service.settings import AuthSettings
from strongroom.database import Database

MIGRATIONS = Path(__file__).parents[1] / "migrations"


@pytest.fixture(scope="session")
def signing_keys() -> SealedKeys:
    return SealedKeys(base64.b64encode(os.urandom(32)).decode())


@pytest.fixture
def database_url(make_database: Callable[..., str], signing_keys: SealedKeys) -> str:
    """As a service leaves it that has started once. What the first start does is for test_auth_keys.py."""
    return make_database(MIGRATIONS, signing_keys)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.aclose()


@pytest.fixture
async def sql(settings: AuthSettings) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(settings.database_url.get_secret_value())
    yield connection
    await connection.close()


@pytest.fixture
def settings(database_url: str, signing_keys: SealedKeys, tmp_path: Path) -> AuthSettings:
    return AuthSettings.model_validate(
        {
            "database_url": database_url,
            "master_key": signing_keys.master_key,
            "public_url": "http://strongroom.test",
            "admin_email": ADMIN["username"],
            "admin_password": ADMIN["password"],
            "bcrypt_rounds": 4,
            "mail_dir": str(tmp_path / "mail"),
        }
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def attempts_of_one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first wait after too many attempts is a second, which a busy machine may take for the next one."""
    now = datetime.now(UTC)
    monkeypatch.setattr("strongroom.database.attempts.datetime", SimpleNamespace(now=lambda _: now))


@pytest.fixture
def mailbox(settings: AuthSettings) -> Mailbox:
    assert settings.mail_dir is not None
    return Mailbox(settings.mail_dir)


@pytest.fixture
def service(settings: AuthSettings, prepared: Callable[[FastAPI], FastAPI]) -> FastAPI:
    return prepared(create_app(settings))


@pytest.fixture
async def auth(service: FastAPI, serve: Callable[[ASGIApp], Awaitable[str]], http: httpx2.AsyncClient) -> AuthClient:
    return AuthClient(http, await serve(service))


@pytest.fixture
async def admin(auth: AuthClient) -> str:
    return await auth.access_token(**ADMIN)


@pytest.fixture
async def app(auth: AuthClient, admin: str) -> OAuthApp:
    await auth.register(name="Ada")
    return await register_app(auth, admin)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with httpx2.AsyncClient(timeout=20, trust_env=False, verify=False) as http:
        yield Browser(http)

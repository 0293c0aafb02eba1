"""Puts the auth service together: the only module that knows every part."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx2
from fastapi import FastAPI

from auth_service.accounts import routes as account_routes
from auth_service.accounts.passwords import Passwords
from auth_service.accounts.service import Accounts
from auth_service.admin import routes as admin_routes
from auth_service.keys import routes as key_routes
from auth_service.keys.sealing import MasterKey
from auth_service.keys.service import KeyRing
from auth_service.oauth import discovery
from auth_service.oauth import routes as oauth_routes
from auth_service.oauth.access_tokens import AccessTokens
from auth_service.oauth.discovery import Discovery
from auth_service.oauth.errors import render_oauth_errors
from auth_service.oauth.service import Grants
from auth_service.sessions.service import Sessions
from auth_service.settings import AuthSettings
from strongroom import TokenVerifier
from strongroom.database import Database
from strongroom.web.app import build_app
from strongroom.web.health import Readiness
from strongroom.web.parts import provide

_LARGEST_BODY = 64 * 1024


def create_app(settings: AuthSettings) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with _parts(settings) as parts:
            provide(app, *parts)
            yield

    app = build_app(
        "Strongroom auth service",
        lifespan=lifespan,
        routers=[
            account_routes.router,
            oauth_routes.router,
            key_routes.router,
            discovery.router,
            admin_routes.router,
        ],
        body_limit=_LARGEST_BODY,
    )
    render_oauth_errors(app)
    return app


@asynccontextmanager
async def _parts(settings: AuthSettings) -> AsyncIterator[tuple[object, ...]]:
    database = Database(settings.database_url.get_secret_value())
    master_key = MasterKey(settings.master_key.get_secret_value())
    passwords = Passwords(rounds=settings.bcrypt_rounds)
    keys = KeyRing(database, master_key)
    accounts = Accounts(database, passwords)
    sessions = Sessions(
        database,
        master_key.derive("refresh-token-successor"),
        idle=timedelta(days=settings.refresh_idle_days),
        lifetime=timedelta(days=settings.session_days),
        token_lifetime=timedelta(seconds=settings.access_token_seconds),
    )
    access_tokens = AccessTokens(keys, issuer=settings.public_url, lifetime=settings.access_token_seconds)
    # Its own keys are at hand, but it judges tokens by the very code that every other service uses.
    verifier = TokenVerifier(settings.public_url, http=httpx2.AsyncClient(transport=_OwnKeys(keys)))
    try:
        await keys.load()
        if settings.admin_email and settings.admin_password:
            await accounts.ensure_admin(settings.admin_email, settings.admin_password.get_secret_value())
        yield (
            accounts,
            Grants(accounts, sessions, access_tokens),
            keys,
            Discovery(settings.public_url),
            verifier,
            Readiness({"database": database.ping}),
        )
    finally:
        await verifier.aclose()
        passwords.close()
        await database.aclose()


class _OwnKeys(httpx2.AsyncBaseTransport):
    """Answers the verifier's fetch with this process's own key set."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, json=self._keys.jwks(), request=request)

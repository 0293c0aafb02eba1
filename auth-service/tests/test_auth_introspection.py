"""What a service that was handed a token is told of it (RFC 7662), and what nobody is told."""

import asyncio
import time
from typing import Any

import asyncpg
import pytest
from auth_client import PASSWORD, AuthClient
from browser import Browser
from factors_client import mfa_token, set_up_app
from fastapi import FastAPI
from oauth_app import OAuthApp, register_app
from test_auth_tokens import claims

from auth_service.keys.service import KeyRing
from auth_service.oauth.access_tokens import AccessTokens
from strongroom.web.parts import part

ISSUER = "http://strongroom.test"
INACTIVE = {"active": False}  # RFC 7662 §2.2: and no word of why
MINUTE = 60


@pytest.fixture
async def other(auth: AuthClient, admin: str) -> OAuthApp:
    """Another one with a secret: a service that checks the tokens it is handed."""
    return await register_app(auth, admin, name="Archive", redirect_uris=[])


@pytest.fixture
async def tokens(app: OAuthApp, browser: Browser) -> dict[str, Any]:
    return await app.tokens(browser)


async def told(who: OAuthApp, token: str, **more: str) -> dict[str, Any]:
    answer = await who.introspect(token, **more)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store"), answer.text
    return dict(answer.json())


async def inactive_soon(who: OAuthApp, access_token: str) -> None:
    """Access tokens are judged offline, also here: a revocation arrives by the feed."""
    async with asyncio.timeout(8):
        while await told(who, access_token) != INACTIVE:
            pass


async def test_of_an_access_token_every_service_is_told(app: OAuthApp, other: OAuthApp, tokens: dict[str, Any]) -> None:
    said = claims(tokens["access_token"])
    for who in (app, other):
        assert await told(who, tokens["access_token"]) == {
            "active": True,
            "scope": "email files:read openid profile",
            "client_id": app.client_id,
            "token_type": "Bearer",
            "exp": said["exp"],
            "iat": int(said["iat"]),
            "sub": said["sub"],
            "aud": "strongroom",
            "iss": ISSUER,
            "jti": said["jti"],
            "sid": said["sid"],
        }


async def test_of_a_refresh_token_its_own_client_is_told_and_does_not_use_it_up(
    app: OAuthApp, other: OAuthApp, tokens: dict[str, Any]
) -> None:
    said = claims(tokens["access_token"])
    for _ in range(2):
        known = await told(app, tokens["refresh_token"])
        assert known == {
            "active": True,
            "scope": "openid profile email files:read",
            "client_id": app.client_id,
            "exp": known["exp"],
            "iat": known["iat"],
            "sub": said["sub"],
            "iss": ISSUER,
            "sid": said["sid"],
        }
        assert abs(known["iat"] - time.time()) < MINUTE
        assert abs(known["exp"] - known["iat"] - 30 * 24 * 60 * MINUTE) <= 1
    assert await told(other, tokens["refresh_token"]) == INACTIVE
    assert (await app.refresh(tokens["refresh_token"])).status_code == 200


async def test_a_token_of_a_program_belongs_to_no_session(auth: AuthClient, app: OAuthApp, other: OAuthApp) -> None:
    form = {"grant_type": "client_credentials", "scope": "files:read", **other.credentials}
    known = await told(app, (await auth.token(**form)).json()["access_token"])
    assert (known["active"], known["sub"], known["client_id"]) == (True, other.client_id, other.client_id)
    assert "sid" not in known


async def test_the_token_of_our_own_app_is_told_too(auth: AuthClient, app: OAuthApp) -> None:
    mine = (await auth.sign_in()).json()
    assert (await told(app, mine["access_token"]))["client_id"] == "strongroom"
    assert await told(app, mine["refresh_token"]) == INACTIVE


async def test_whatever_is_no_token_for_us_is_just_not_active(
    auth: AuthClient, app: OAuthApp, browser: Browser, tokens: dict[str, Any]
) -> None:
    head, body, signature = tokens["access_token"].split(".")
    await set_up_app(auth, await auth.access_token())
    nothing = [
        "nonsense",
        "a.b.c",
        "é",
        " ",
        "x" * 9000,
        f"{head}.{body}.",
        f"{head}.{body}.{signature[:-4]}AAAA",
        f" {tokens['access_token']}",
        tokens["id_token"],
        tokens["refresh_token"][:-1],
        await app.code(browser),
        await mfa_token(auth),
        app.credentials["client_secret"],
        PASSWORD,
    ]
    for token in nothing:
        assert await told(app, token) == INACTIVE, token


async def test_an_expired_token_is_not_active(
    app: OAuthApp, tokens: dict[str, Any], service: FastAPI, sql: asyncpg.Connection
) -> None:
    keys, sub = part(service, KeyRing), claims(tokens["access_token"])["sub"]

    def issued(ago: float) -> str:
        issuer = AccessTokens(keys, issuer=ISSUER, lifetime=900, clock=lambda: time.time() - ago)
        return issuer.issue(sub, client_id=app.client_id, scope="openid")

    assert (await told(app, issued(ago=900 - MINUTE)))["active"] is True
    assert await told(app, issued(ago=900 + MINUTE)) == INACTIVE
    await sql.execute("update auth.refresh_tokens set expires_at = now()")
    assert await told(app, tokens["refresh_token"]) == INACTIVE


async def test_a_spent_refresh_token_is_not_active_and_its_successor_is(app: OAuthApp, tokens: dict[str, Any]) -> None:
    successor = (await app.refresh(tokens["refresh_token"])).json()["refresh_token"]
    assert await told(app, tokens["refresh_token"]) == INACTIVE
    assert (await told(app, successor))["active"] is True


async def test_the_tokens_of_an_ended_session_are_not_active(
    auth: AuthClient, app: OAuthApp, other: OAuthApp, tokens: dict[str, Any]
) -> None:
    sid = claims(tokens["access_token"])["sid"]
    assert (await auth.delete(f"/auth/sessions/{sid}", await auth.access_token())).status_code == 204
    assert await told(app, tokens["refresh_token"]) == INACTIVE
    for who in (app, other):
        await inactive_soon(who, tokens["access_token"])


async def test_the_tokens_of_a_session_past_its_lifetime_are_not_active(
    app: OAuthApp, tokens: dict[str, Any], sql: asyncpg.Connection
) -> None:
    await sql.execute("update auth.sessions set expires_at = now()")
    assert await told(app, tokens["refresh_token"]) == INACTIVE


async def test_the_tokens_of_a_disabled_account_are_not_active(
    auth: AuthClient, app: OAuthApp, admin: str, tokens: dict[str, Any]
) -> None:
    account = f"/auth/users/{claims(tokens['access_token'])['sub']}"
    assert (await auth.send("PATCH", account, admin, {"disabled": True})).status_code == 200
    assert await told(app, tokens["refresh_token"]) == INACTIVE
    await inactive_soon(app, tokens["access_token"])
    await auth.send("PATCH", account, admin, {"disabled": False})
    for token in (tokens["access_token"], tokens["refresh_token"]):
        assert await told(app, token) == INACTIVE


async def test_a_revoked_access_token_is_not_active_and_its_session_goes_on(
    app: OAuthApp, other: OAuthApp, tokens: dict[str, Any]
) -> None:
    assert (await app.revoke(tokens["access_token"])).status_code == 200
    await inactive_soon(other, tokens["access_token"])
    assert (await told(app, tokens["refresh_token"]))["active"] is True


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "id_token", "", "é"])
async def test_the_hint_is_only_a_hint(app: OAuthApp, tokens: dict[str, Any], hint: str) -> None:
    for token in (tokens["access_token"], tokens["refresh_token"]):
        assert (await told(app, token, token_type_hint=hint))["active"] is True
    assert await told(app, "nonsense", token_type_hint=hint) == INACTIVE


async def test_only_a_client_with_a_secret_is_told_anything(
    auth: AuthClient, app: OAuthApp, admin: str, tokens: dict[str, Any]
) -> None:
    public = await register_app(auth, admin, public=True)
    strangers: list[dict[str, str | None]] = [
        {"client_id": None, "client_secret": None},
        {"client_id": "strongroom", "client_secret": None},
        {"client_id": public.client_id, "client_secret": None},
        {"client_secret": None},
        {"client_secret": "wrong"},
        {"client_id": "unknown"},
    ]
    for stranger in strangers:
        for token in (tokens["access_token"], "nonsense"):
            refusal = await app.introspect(token, **stranger)
            assert (refusal.status_code, refusal.json()["error"]) == (401, "invalid_client"), stranger
            assert refusal.headers["www-authenticate"].startswith("Basic realm=")
            assert refusal.headers["cache-control"] == "no-store"
            assert "active" not in refusal.json()
    pair = (app.client_id, app.credentials["client_secret"])
    url, form = f"{auth.origin}/auth/introspect", {"token": tokens["access_token"]}
    assert (await auth.http.post(url, data=form, auth=pair)).json()["active"] is True
    # An access token is no client's credentials (RFC 7662 §2.1 would allow it).
    by_token = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert (await auth.http.post(url, data=form, headers=by_token)).status_code == 401


@pytest.mark.parametrize("path", ["introspect", "revoke"])
async def test_a_malformed_question_is_refused_as_rfc_6749_has_it(app: OAuthApp, path: str) -> None:
    url, credentials = f"{app.auth.origin}/auth/{path}", app.credentials
    pair = (app.client_id, credentials["client_secret"])
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    malformed: list[dict[str, Any]] = [
        {"data": credentials},
        {"data": {**credentials, "token": ""}},
        {"data": {**credentials, "token": "a\0b"}},
        {"data": {**credentials, "token": "a"}, "auth": pair},
        {"content": "token=a&token=b", "headers": form, "auth": pair},
        {"content": b"token=%ff", "headers": form, "auth": pair},
        {"json": {"token": "a"}, "auth": pair},
    ]
    for sent in malformed:
        refusal = await app.auth.http.post(url, **sent)
        assert (refusal.status_code, refusal.json()["error"]) == (400, "invalid_request"), sent
        assert refusal.headers["cache-control"] == "no-store"
    assert (await app.auth.http.get(f"{url}?token=a", auth=pair)).status_code == 405

"""What an app is told of the person who uses it: as much as they allowed, and nothing of anybody else."""

from typing import Any

import pytest
from browser import Browser
from oauth_app import OAuthApp
from test_auth_tokens import claims


@pytest.mark.parametrize(
    ("scope", "told"),
    [
        ("openid", {}),
        ("openid profile", {"name": "Ada"}),
        ("openid email", {"email": "ada@example.com", "email_verified": False}),
        ("openid profile email", {"name": "Ada", "email": "ada@example.com", "email_verified": False}),
    ],
)
async def test_a_scope_decides_what_is_told_there_and_in_the_id_token(
    app: OAuthApp, browser: Browser, scope: str, told: dict[str, Any]
) -> None:
    tokens = await app.tokens(browser, scope=scope)
    person = {"sub": claims(tokens["access_token"])["sub"], **told}
    for method in ("GET", "POST"):  # OpenID Connect Core §5.3.1
        answer = await app.auth.send(method, "/auth/userinfo", tokens["access_token"])
        assert answer.headers["cache-control"] == "no-store"
        assert answer.json() == person
    protocol = {"iss", "aud", "iat", "exp", "auth_time", "nonce", "sid"}
    assert {name: value for name, value in claims(tokens["id_token"]).items() if name not in protocol} == person


async def test_only_a_token_with_the_scope_openid_opens_it(app: OAuthApp, browser: Browser) -> None:
    tokens = await app.tokens(browser, scope="profile email")
    refusal = await app.auth.get("/auth/userinfo", tokens["access_token"])
    assert refusal.status_code == 403
    assert refusal.headers["www-authenticate"] == 'Bearer error="insufficient_scope", scope="openid"'
    assert (await app.auth.get("/auth/userinfo")).status_code == 401


async def test_an_account_that_is_gone_is_told_nothing_of(app: OAuthApp, browser: Browser) -> None:
    tokens = await app.tokens(browser)
    assert (await app.auth.delete("/auth/profile", await app.auth.access_token())).status_code == 204
    assert (await app.auth.get("/auth/userinfo", tokens["access_token"])).status_code == 401

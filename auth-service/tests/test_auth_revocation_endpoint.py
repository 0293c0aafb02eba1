"""Clients take back the tokens they were given (RFC 7009): their own, at once, and nobody else's."""

import base64
from typing import Any

import pytest
from auth_client import AuthClient
from browser import Browser
from oauth_app import OAuthApp, register_app
from test_auth_tokens import claims


@pytest.fixture
async def other(auth: AuthClient, admin: str) -> OAuthApp:
    return await register_app(auth, admin, name="Archive")


@pytest.fixture
async def tokens(app: OAuthApp, browser: Browser) -> dict[str, Any]:
    return await app.tokens(browser)


async def revoked(who: OAuthApp, token: str, **changes: str | None) -> None:
    """RFC 7009 §2.2: the client need not look at what the answer says, so it says nothing."""
    answer = await who.revoke(token, **changes)
    assert (answer.status_code, answer.content) == (200, b""), answer.text
    assert answer.headers["cache-control"] == "no-store"


async def refused(who: OAuthApp, token: str, status: int, error: str, **changes: str | None) -> None:
    answer = await who.revoke(token, **changes)
    assert (answer.status_code, answer.json()["error"]) == (status, error), answer.text
    assert answer.headers["cache-control"] == "no-store"


async def lives(app: OAuthApp, tokens: dict[str, Any]) -> bool:
    """Whether nothing happened to either token; the refresh token is spent on it."""
    profile = await app.auth.get("/auth/profile", tokens["access_token"])
    return (profile.status_code, (await app.refresh(tokens["refresh_token"])).status_code) == (200, 200)


async def test_a_refresh_token_goes_with_its_whole_session(
    auth: AuthClient, app: OAuthApp, tokens: dict[str, Any]
) -> None:
    mine = await auth.access_token()
    await revoked(app, tokens["refresh_token"])
    assert (await app.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    await auth.refused_soon(tokens["access_token"])
    listed = (await auth.get("/auth/sessions", mine)).json()
    assert [one["client_id"] for one in listed] == ["strongroom"]


async def test_a_spent_refresh_token_ends_the_session_too(
    auth: AuthClient, app: OAuthApp, tokens: dict[str, Any]
) -> None:
    """Who revokes the token it knows does not mean to be left signed in by one that it never received."""
    newer = (await app.refresh(tokens["refresh_token"])).json()
    await revoked(app, tokens["refresh_token"])
    assert (await app.refresh(newer["refresh_token"])).json()["error"] == "invalid_grant"
    for one in (tokens, newer):
        await auth.refused_soon(one["access_token"])


async def test_an_access_token_goes_by_itself(auth: AuthClient, app: OAuthApp, tokens: dict[str, Any]) -> None:
    assert (await auth.get("/auth/profile", tokens["access_token"])).status_code == 200
    await revoked(app, tokens["access_token"])
    await auth.refused_soon(tokens["access_token"])
    newer = (await app.refresh(tokens["refresh_token"])).json()
    assert (await auth.get("/auth/profile", newer["access_token"])).status_code == 200


async def test_a_program_takes_back_its_own_token(auth: AuthClient, admin: str) -> None:
    program = await register_app(auth, admin, scopes=["admin"], redirect_uris=[])
    form = {"grant_type": "client_credentials", **program.credentials}
    token, another = [(await auth.token(**form)).json()["access_token"] for _ in range(2)]
    await revoked(program, token)
    await auth.refused_soon(token, "/auth/clients")
    assert (await auth.get("/auth/clients", another)).status_code == 200


async def test_another_clients_token_is_not_ones_own_to_revoke(
    app: OAuthApp, other: OAuthApp, tokens: dict[str, Any]
) -> None:
    for token in (tokens["refresh_token"], tokens["access_token"]):
        await refused(other, token, 400, "invalid_grant")
    assert await lives(app, tokens)
    await revoked(other, tokens["refresh_token"])  # spent by now: a token that is good for nothing, and stays that
    assert (await app.refresh(tokens["refresh_token"])).status_code == 200


async def test_a_client_must_prove_who_it_is(
    auth: AuthClient, app: OAuthApp, admin: str, tokens: dict[str, Any]
) -> None:
    for token in (tokens["refresh_token"], tokens["access_token"], "nonsense"):
        for wrong in ({"client_secret": None}, {"client_secret": "wrong"}, {"client_id": "unknown"}):
            await refused(app, token, 401, "invalid_client", **wrong)
    public = await register_app(auth, admin, public=True)
    for nobody in (None, "strongroom", public.client_id):
        await refused(app, tokens["refresh_token"], 400, "invalid_grant", client_id=nobody, client_secret=None)
    assert await lives(app, tokens)


async def test_a_client_may_prove_itself_by_basic(auth: AuthClient, app: OAuthApp, tokens: dict[str, Any]) -> None:
    pair = (app.client_id, app.credentials["client_secret"])
    form = {"token": tokens["refresh_token"]}
    assert (await auth.http.post(f"{auth.origin}/auth/revoke", data=form, auth=pair)).status_code == 200
    assert (await app.refresh(tokens["refresh_token"])).status_code == 400


@pytest.mark.parametrize("kind", ["refresh_token", "access_token"])
async def test_a_public_client_revokes_what_it_was_given(
    auth: AuthClient, admin: str, browser: Browser, kind: str
) -> None:
    await auth.register()
    public = await register_app(auth, admin, public=True)
    tokens = await public.tokens(browser)
    await revoked(public, tokens[kind])
    await auth.refused_soon(tokens["access_token"])


@pytest.mark.parametrize("kind", ["refresh_token", "access_token"])
async def test_our_own_app_revokes_without_a_client_id(auth: AuthClient, kind: str) -> None:
    await auth.register()
    tokens = (await auth.sign_in()).json()
    await revoked(OAuthApp(auth, {}), tokens[kind])
    await auth.refused_soon(tokens["access_token"])


async def test_a_token_that_is_good_for_nothing_is_as_good_as_revoked(app: OAuthApp, tokens: dict[str, Any]) -> None:
    head, body, _ = tokens["access_token"].split(".")
    unsigned = f"{head}.{body}.{base64.urlsafe_b64encode(bytes(256)).rstrip(b'=').decode()}"
    for token in ("nonsense", "a.b.c", "é", "x" * 9000, unsigned, tokens["id_token"], tokens["refresh_token"][:-1]):
        await revoked(app, token)
    assert await lives(app, tokens)


async def test_a_token_may_be_revoked_again_and_is_on_record_once(
    auth: AuthClient, app: OAuthApp, admin: str, tokens: dict[str, Any]
) -> None:
    for token in (tokens["access_token"], tokens["refresh_token"]) * 2:
        await revoked(app, token)
    said = claims(tokens["access_token"])
    events = (await auth.get(f"/auth/audit?account_id={said['sub']}&event=session.ended", admin)).json()["items"]
    assert [(one["client_id"], one["details"]["session_id"]) for one in events] == [(app.client_id, said["sid"])]


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "id_token", "", "é"])
async def test_the_hint_is_only_a_hint(auth: AuthClient, app: OAuthApp, browser: Browser, hint: str) -> None:
    """RFC 7009 §2.1: the server looks among all its tokens."""
    for kind in ("refresh_token", "access_token"):
        tokens = await app.tokens(browser)
        await revoked(app, tokens[kind], token_type_hint=hint)
        await auth.refused_soon(tokens["access_token"])

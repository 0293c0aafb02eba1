"""A scope narrows and never widens, whatever the grant type; of programs `test_auth_clients.py` says the same."""

import json

import httpx2
import pytest
from auth_client import ADMIN, AuthClient
from authenticator import Authenticator
from browser import Browser
from factors_client import add_passkey, set_up_app
from oauth_app import OAuthApp, register_app
from test_auth_tokens import claims

TOO_MUCH = ("admin", "files:read admin", "FILES:READ", "no-such-scope", "files:read,files:write", " ")


@pytest.fixture
async def ada(auth: AuthClient) -> str:
    """Her access token."""
    await auth.register()
    return await auth.access_token()


@pytest.fixture
async def app(auth: AuthClient, ada: str) -> OAuthApp:
    return await register_app(auth, await auth.access_token(**ADMIN))


def scope_of(answer: httpx2.Response) -> str:
    """What the answer says and what the token says, which is the same."""
    body = answer.json()
    assert body["scope"] == claims(body["access_token"])["scope"]
    return str(body["scope"])


def too_much(answer: httpx2.Response) -> bool:
    return (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


async def test_a_password_gives_what_was_asked_for_or_all_that_the_person_has(auth: AuthClient, ada: str) -> None:
    assert scope_of(await auth.sign_in(scope="files:read")) == "files:read"
    assert scope_of(await auth.sign_in(scope="files:read files:read")) == "files:read"
    everything = scope_of(await auth.sign_in()).split()
    assert "files:write" in everything
    assert "admin" not in everything
    for more in TOO_MUCH:
        assert too_much(await auth.sign_in(scope=more)), more


async def test_through_a_client_a_password_gives_no_more_than_the_client_is_for(app: OAuthApp) -> None:
    """`admin` is the client's and not hers, `account` is hers and not the client's."""
    everything = scope_of(await app.auth.sign_in(**app.credentials))
    assert set(everything.split()) == {"openid", "profile", "email", "files:read"}
    for more in (*TOO_MUCH, "account", "files:write"):
        assert too_much(await app.auth.sign_in(scope=more, **app.credentials)), more


async def test_a_refresh_narrows_and_goes_back_at_most_to_what_was_granted(auth: AuthClient, ada: str) -> None:
    """RFC 6749 §6: nothing that was not originally granted, though the person may have it by now or all along."""
    session = (await auth.sign_in(scope="files:read files:write")).json()["refresh_token"]

    async def refreshed(**scope: str) -> httpx2.Response:
        return await auth.token(grant_type="refresh_token", refresh_token=session, **scope)

    narrowed = await refreshed(scope="files:read")
    assert scope_of(narrowed) == "files:read"
    session = narrowed.json()["refresh_token"]
    whole = await refreshed()
    assert scope_of(whole) == "files:read files:write"
    session = whole.json()["refresh_token"]
    for more in (*TOO_MUCH, "account"):
        assert too_much(await refreshed(scope=more)), more


async def test_a_second_factor_gives_what_the_password_was_asked_for(auth: AuthClient, ada: str) -> None:
    factor = await set_up_app(auth, ada)
    for more, code in zip(("files:read account", "admin", ""), factor.recovery_codes, strict=False):
        token = (await auth.sign_in(scope="files:read")).json()["mfa_token"]
        done = await auth.token(grant_type="mfa", mfa_token=token, code=code, scope=more)
        assert scope_of(done) == "files:read"
    assert too_much(await auth.sign_in(scope="admin"))


async def test_a_passkey_gives_what_was_asked_for_or_all_that_the_person_has(auth: AuthClient, ada: str) -> None:
    passkey = Authenticator()
    await add_passkey(auth, ada, passkey)

    async def signed_in(**scope: str) -> httpx2.Response:
        begun = (await auth.send("POST", "/auth/mfa/passkeys/authenticate/options", json={})).json()
        answer = {"passkey_token": begun["passkey_token"], "credential": json.dumps(passkey.get(begun["options"]))}
        return await auth.token(grant_type="passkey", **answer, **scope)

    assert scope_of(await signed_in(scope="files:read")) == "files:read"
    assert scope_of(await signed_in()) == claims(ada)["scope"]
    for more in TOO_MUCH:
        assert too_much(await signed_in(scope=more)), more


async def test_a_code_gives_what_the_person_allowed_whatever_it_is_redeemed_with(
    app: OAuthApp, browser: Browser
) -> None:
    for more in ("openid files:read", "admin", ""):
        answer = await app.redeem(await app.code(browser, scope="openid email"), scope=more)
        assert scope_of(answer) == "openid email"
        assert claims(answer.json()["id_token"])["email"] == "ada@example.com"
        refreshed = await app.refresh(answer.json()["refresh_token"], scope="files:read")
        assert too_much(refreshed)


async def test_a_narrow_token_does_not_open_what_its_owner_might(auth: AuthClient, ada: str) -> None:
    narrow = (await auth.sign_in(**ADMIN, scope="files:read")).json()["access_token"]
    for path in ("/auth/users", "/auth/clients", "/auth/audit", "/auth/keys", "/auth/sessions", "/auth/mfa"):
        refusal = await auth.get(path, narrow)
        assert refusal.status_code == 403, path
        assert refusal.headers["www-authenticate"].startswith('Bearer error="insufficient_scope"'), path

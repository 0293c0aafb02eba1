"""The command line as a client that is built in: code and PKCE on loopback, without anybody having registered it."""

import asyncpg
import pytest
from auth_client import ADMIN, PASSWORD, AuthClient
from browser import Browser
from oauth_app import OAuthApp
from test_auth_tokens import claims

from auth_service.clients.built_in import COMMAND_LINE

CLI = "strongroom-cli"
LOOPBACK = "http://127.0.0.1:49152/callback"
STAND_IN = str(COMMAND_LINE.id)


@pytest.fixture
async def cli(auth: AuthClient) -> OAuthApp:
    await auth.register(name="Ada")
    return OAuthApp(auth, {"client_id": CLI}, LOOPBACK)


@pytest.mark.parametrize(
    "grant",
    [
        {"grant_type": "password", "username": "ada@example.com", "password": PASSWORD},
        {"grant_type": "client_credentials"},
    ],
    ids=lambda grant: grant["grant_type"],
)
async def test_no_password_and_no_credentials_get_it_a_token(cli: OAuthApp, grant: dict[str, str]) -> None:
    answer = await cli.auth.token(**grant, client_id=CLI)
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


async def test_a_passkey_or_a_factor_begun_elsewhere_gets_it_no_token(cli: OAuthApp) -> None:
    for form in (
        {"grant_type": "mfa", "mfa_token": "made-up", "code": "123456"},
        {"grant_type": "passkey", "passkey_token": "made-up", "credential": "{}"},
    ):
        answer = await cli.auth.token(**form, client_id=CLI)
        assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "http://127.0.0.1:49152/",
        "http://127.0.0.1:49152/callback/",
        "http://127.0.0.1:49152/callback?next=x",
        "http://localhost:49152/callback",
        "http://127.0.0.2:49152/callback",
        "http://127.0.0.1@evil.example/callback",
        "https://127.0.0.1:49152/callback",
        "https://evil.example/callback",
        "http://[::2]:49152/callback",
    ],
)
async def test_nobody_is_sent_anywhere_but_to_its_callback_on_loopback(
    cli: OAuthApp, browser: Browser, redirect_uri: str
) -> None:
    page = await browser.arrive(cli.link(redirect_uri=redirect_uri))
    assert (page.status, "location" in page.answer.headers) == (400, False)


async def test_without_pkce_it_gets_no_code(cli: OAuthApp, browser: Browser) -> None:
    for changes in ({"code_challenge": None}, {"code_challenge_method": "plain"}):
        page = await browser.arrive(cli.link(**changes))
        assert page.told["error"] == "invalid_request"


@pytest.mark.parametrize("host", ["127.0.0.1:1", "127.0.0.1:65535", "[::1]:49152", "127.0.0.1"])
async def test_a_person_allows_it_by_name_and_it_gets_all_that_they_have(
    cli: OAuthApp, browser: Browser, host: str
) -> None:
    cli.redirect_uri = f"http://{host}/callback"
    page = await cli.consent_page(browser, scope=None)
    assert page.asks_for_consent
    assert "Strongroom command line asks to:" in page.text
    assert "add, change and delete files" in page.text
    assert host in page.text
    answer = await cli.redeem((await browser.allow(page)).told["code"])
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["scope"] == (await cli.auth.sign_in()).json()["scope"]
    assert claims(told["access_token"])["client_id"] == CLI
    assert claims(told["id_token"])["aud"] == CLI
    listed = (await cli.auth.get("/auth/sessions", told["access_token"])).json()
    assert [one["client_id"] for one in listed if one["current"]] == [CLI]
    refreshed = await cli.refresh(told["refresh_token"])
    assert refreshed.status_code == 200
    assert claims(refreshed.json()["access_token"])["sid"] == claims(told["access_token"])["sid"]


async def test_an_administrator_may_allow_it_to_administer_or_not(
    auth: AuthClient, cli: OAuthApp, browser: Browser
) -> None:
    page = await browser.sign_in(await browser.arrive(cli.link(scope=None)), **ADMIN)
    assert "administer this Strongroom" in page.text
    code = (await browser.allow(page)).told["code"]
    assert "admin" in (await cli.redeem(code)).json()["scope"].split()
    narrow = await cli.tokens(browser, scope="files:read admin")
    assert narrow["scope"] == "files:read admin"


async def test_it_never_gets_what_the_person_does_not_have(cli: OAuthApp, browser: Browser) -> None:
    assert (await cli.tokens(browser, scope="files:read admin made:up"))["scope"] == "files:read"


async def test_it_asks_every_time(cli: OAuthApp, browser: Browser) -> None:
    """Any program on the machine can say that it is the command line (RFC 8252 §8.6)."""
    await cli.tokens(browser)
    assert (await browser.arrive(cli.link())).asks_for_consent


async def test_its_code_is_of_no_use_to_others_nor_twice(cli: OAuthApp, browser: Browser) -> None:
    stolen = await cli.code(browser)
    for thief in ({"client_id": "strongroom"}, {"client_id": "strongroom-console"}, {"client_id": STAND_IN}):
        assert (await cli.redeem(stolen, **thief)).json()["error"] != "invalid_grant", thief
    first = await cli.redeem(stolen)
    assert first.status_code == 200
    assert (await cli.redeem(stolen)).json()["error"] == "invalid_grant"
    assert (await cli.refresh(first.json()["refresh_token"])).json()["error"] == "invalid_grant"


async def test_its_refresh_token_is_of_no_use_to_others(cli: OAuthApp, browser: Browser) -> None:
    tokens = await cli.tokens(browser)
    assert (await cli.refresh(tokens["refresh_token"], client_id="strongroom")).json()["error"] == "invalid_grant"


async def test_it_revokes_its_own_tokens(cli: OAuthApp, browser: Browser) -> None:
    tokens = await cli.tokens(browser)
    assert (await cli.revoke(tokens["refresh_token"])).status_code == 200
    assert (await cli.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_no_administrator_removes_it_or_gives_it_a_secret(
    auth: AuthClient, admin: str, cli: OAuthApp, browser: Browser
) -> None:
    await cli.tokens(browser)
    for name in (CLI, STAND_IN):
        for method, path in (("DELETE", f"/auth/clients/{name}"), ("POST", f"/auth/clients/{name}/secret")):
            assert (await auth.send(method, path, admin)).status_code == (404 if name == STAND_IN else 422)
    assert (await auth.get("/auth/clients", admin)).json()["items"] == []
    assert (await cli.redeem(await cli.code(browser))).status_code == 200


async def test_what_codes_refer_to_is_no_client_by_itself(cli: OAuthApp, browser: Browser, auth: AuthClient) -> None:
    await cli.tokens(browser)
    assert (await browser.arrive(cli.link(client_id=STAND_IN))).status == 400
    form = {"grant_type": "password", "username": "ada@example.com", "password": PASSWORD, "client_id": STAND_IN}
    assert (await auth.token(**form)).json()["error"] == "invalid_client"


async def test_it_works_in_an_installation_where_its_row_was_removed(
    cli: OAuthApp, browser: Browser, sql: asyncpg.Connection
) -> None:
    """As an administrator can with the release before, which knows the row as one like any other."""
    await cli.tokens(browser)
    row = await sql.fetchrow("select * from auth.clients")
    assert row is not None
    assert (row["scopes"], row["redirect_uris"], row["secret_digest"]) == ([], [], None)
    await sql.execute("delete from auth.clients")
    assert (await cli.redeem(await cli.code(browser))).status_code == 200


async def test_it_has_no_secret(cli: OAuthApp, browser: Browser) -> None:
    answer = await cli.redeem(await cli.code(browser), client_secret="s")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")

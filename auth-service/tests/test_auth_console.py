"""The web console at the token endpoint: its refresh token is a cookie, for requests of its own origin alone."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import pytest
from auth_client import ADMIN, PASSWORD, AuthClient
from console_client import CONSOLE, SAME_ORIGIN, Console, post, refresh_cookie
from factors_client import mfa_token, set_up_app
from oauth_app import OAuthApp, register_app
from starlette.types import ASGIApp
from test_auth_pages import under
from test_auth_tokens import claims

from auth_service.app import create_app
from auth_service.settings import AuthSettings

Serve = Callable[[ASGIApp], Awaitable[str]]
SIGN_IN = {"client_id": CONSOLE, "grant_type": "password", "username": "ada@example.com", "password": PASSWORD}
REFRESH = {"client_id": CONSOLE, "grant_type": "refresh_token"}


@pytest.fixture
async def console(auth: AuthClient) -> Console:
    await auth.register()
    return Console(auth)


FOREIGN: dict[str, dict[str, str]] = {
    "another site": {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    "a neighbour below the same domain, or another port": {"Sec-Fetch-Site": "same-site"},
    "nobody's page": {"Sec-Fetch-Site": "none"},
    "a browser that says so and an origin that says otherwise": {
        "Sec-Fetch-Site": "cross-site",
        "Origin": "http://strongroom.test",
    },
    "an older browser on another site": {"Origin": "https://evil.example"},
    "a page without an origin": {"Origin": "null"},
    "our name with another scheme": {"Origin": "https://strongroom.test"},
    "our name with another port": {"Origin": "http://strongroom.test:8081"},
    "a longer name": {"Origin": "http://strongroom.test.evil.example"},
    "who says nothing": {},
}


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN.keys())
async def test_a_request_from_anywhere_else_is_refused_and_changes_nothing(
    console: Console, auth: AuthClient, headers: dict[str, str]
) -> None:
    await console.sign_in()
    assert console.cookie is not None
    for form in (SIGN_IN, REFRESH, {**REFRESH, "refresh_token": "made-up"}, {**SIGN_IN, "grant_type": "passkey"}):
        answer = await post(auth, {**headers, "Cookie": console.cookie}, form)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), form
        assert "access_token" not in answer.text
        assert refresh_cookie(answer) is None  # or anybody could sign people out
    assert (await console.refresh()).status_code == 200


@pytest.mark.parametrize(
    "headers", [SAME_ORIGIN, {"Origin": "http://strongroom.test"}], ids=["a browser", "an old one"]
)
async def test_our_own_pages_are_served(console: Console, headers: dict[str, str]) -> None:
    console.headers = headers
    assert (await console.sign_in()).status_code == 200
    assert (await console.refresh()).status_code == 200


async def test_the_refresh_token_is_in_the_cookie_and_nowhere_else(console: Console) -> None:
    for answer in (await console.sign_in(), await console.refresh()):
        assert answer.status_code == 200, answer.text
        assert answer.json().keys() == {"access_token", "token_type", "expires_in", "scope"}
        told = refresh_cookie(answer)
        assert told is not None
        assert len(told["value"]) == 43
        assert told["value"] not in answer.text
        assert claims(answer.json()["access_token"])["client_id"] == CONSOLE
        assert (told["name"], told["path"], told["samesite"]) == ("strongroom_refresh", "/auth/token", "strict")
        assert "httponly" in told
        assert "secure" not in told  # this one is not behind TLS
        assert 30 * 86_400 - 5 <= int(told["max-age"]) <= 30 * 86_400


async def test_the_cookie_lives_no_longer_than_the_session(
    console: Console, settings: AuthSettings, serve: Serve
) -> None:
    short = settings.model_copy(update={"session_days": 1.0})
    console.auth = AuthClient(console.auth.http, await serve(create_app(short)))
    told = refresh_cookie(await console.sign_in())
    assert told is not None
    assert int(told["max-age"]) == 86_400


async def test_a_refresh_token_in_the_form_is_refused_whoever_it_is_of(console: Console, auth: AuthClient) -> None:
    theirs = (await auth.sign_in()).json()["refresh_token"]
    await console.sign_in()
    assert console.cookie is not None
    own = console.cookie.partition("=")[2]
    for token in (own, theirs, "made-up"):
        answer = await console.refresh(refresh_token=token)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    console.cookie, kept = None, console.cookie
    assert (await console.refresh(refresh_token=own)).json()["error"] == "invalid_request"
    console.cookie = kept
    assert (await console.refresh()).status_code == 200
    assert (await auth.token(grant_type="refresh_token", refresh_token=theirs)).status_code == 200


async def test_no_other_client_is_given_or_heard_by_a_cookie(console: Console, auth: AuthClient, admin: str) -> None:
    await console.sign_in()
    assert console.cookie is not None
    app = await register_app(auth, admin, public=True)
    headers = {**SAME_ORIGIN, "Cookie": console.cookie}
    for client in ({}, {"client_id": "strongroom"}, {"client_id": "strongroom-cli"}, app.credentials):
        answer = await post(auth, headers, {"grant_type": "refresh_token", **client})
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), client
    plain = await post(auth, headers, {**SIGN_IN, "client_id": "strongroom"})
    assert refresh_cookie(plain) is None
    assert "refresh_token" in plain.json()
    assert (await console.refresh()).status_code == 200


async def test_a_planted_cookie_with_another_clients_token_ends_that_and_is_taken_away(auth: AuthClient) -> None:
    await auth.register()
    theirs = (await auth.sign_in()).json()["refresh_token"]
    planted = Console(auth, cookie=f"strongroom_refresh={theirs}")
    answer = await planted.refresh()
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert planted.cookie is None
    assert (await auth.token(grant_type="refresh_token", refresh_token=theirs)).json()["error"] == "invalid_grant"


async def test_a_stolen_cookie_is_of_no_use_to_another_client(console: Console, auth: AuthClient) -> None:
    await console.sign_in()
    assert console.cookie is not None
    stolen = console.cookie.partition("=")[2]
    assert (await auth.token(grant_type="refresh_token", refresh_token=stolen)).json()["error"] == "invalid_grant"
    assert (await console.refresh()).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("cookie", [None, "strongroom_refresh=", "strongroom_refresh=made-up", "strongroom_refresh=é"])
async def test_a_failed_refresh_takes_the_cookie_away(console: Console, cookie: str | None) -> None:
    console.cookie = cookie
    answer = await console.refresh()
    told = refresh_cookie(answer)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert told is not None
    assert (told["value"], told["max-age"], told["path"]) == ("", "0", "/auth/token")
    assert answer.headers["cache-control"] == "no-store"


async def test_too_large_a_scope_uses_nothing_up_and_leaves_the_cookie(console: Console) -> None:
    await console.sign_in()
    answer = await console.refresh(scope="admin")
    assert answer.json()["error"] == "invalid_scope"
    assert refresh_cookie(answer) is None
    assert (await console.refresh(scope="files:read")).json()["scope"] == "files:read"


async def test_two_tabs_at_once_stay_signed_in_with_the_same_successor(console: Console) -> None:
    await console.sign_in()
    tabs = [Console(console.auth, cookie=console.cookie) for _ in range(20)]
    answers = await asyncio.gather(*(tab.refresh() for tab in tabs))
    assert {answer.status_code for answer in answers} == {200}
    assert len({tab.cookie for tab in tabs}) == 1
    assert tabs[0].cookie != console.cookie
    assert (await tabs[0].refresh()).status_code == 200


async def test_a_replay_later_ends_the_session_and_takes_the_cookie_away(
    console: Console, sql: asyncpg.Connection
) -> None:
    await console.sign_in()
    thief = Console(console.auth, cookie=console.cookie)
    await console.refresh()
    await sql.execute("update auth.refresh_tokens set spent_at = spent_at - interval '11 seconds'")
    assert (await thief.refresh()).json()["error"] == "invalid_grant"
    assert thief.cookie is None
    assert (await console.refresh()).json()["error"] == "invalid_grant"


async def test_a_second_factor_ends_in_a_cookie_too_and_stays_with_its_client(
    console: Console, auth: AuthClient
) -> None:
    app = await set_up_app(auth, await auth.access_token())
    begun = await console.sign_in()
    assert (begun.status_code, begun.json()["error"]) == (403, "mfa_required")
    assert console.cookie is None
    others = await console.token(grant_type="mfa", mfa_token=await mfa_token(auth), code=app.recovery_codes[0])
    assert others.json()["error"] == "invalid_grant"
    done = await console.token(grant_type="mfa", mfa_token=begun.json()["mfa_token"], code=app.code())
    assert done.status_code == 200, done.text
    assert "refresh_token" not in done.json()
    assert (await console.refresh()).status_code == 200


async def test_it_knows_its_device_again_and_guesses_at_it_are_slowed(console: Console, auth: AuthClient) -> None:
    answer = await console.sign_in()
    assert any("strongroom_device=" in one for one in answer.headers.get_list("set-cookie"))
    for _ in range(5):
        wrong = await console.token(grant_type="password", username="eve@example.com", password="wrong")
        assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_grant")
    slowed = await console.token(grant_type="password", username="eve@example.com", password="wrong")
    assert slowed.status_code == 429


@pytest.mark.parametrize("grant_type", ["client_credentials", "authorization_code", "magic"])
async def test_it_has_no_other_grants(console: Console, grant_type: str) -> None:
    answer = await console.token(grant_type=grant_type, code="c", code_verifier="v" * 43)
    assert answer.status_code == 400
    assert answer.json()["error"] in {"unauthorized_client", "unsupported_grant_type"}
    assert refresh_cookie(answer) is None


async def test_it_has_no_secret(console: Console) -> None:
    answer = await console.sign_in(client_secret="s")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_nobody_is_sent_back_to_it_by_the_sign_in_page(auth: AuthClient, app: OAuthApp) -> None:
    page = await auth.http.get(app.link(client_id=CONSOLE))
    assert (page.status_code, "location" in page.headers) == (400, False)


async def test_signing_out_takes_the_cookie_away(console: Console, auth: AuthClient) -> None:
    ways = ("DELETE", "/auth/sessions/{sid}"), ("DELETE", "/auth/sessions"), ("DELETE", "/auth/profile")
    for method, path in ways:
        token = await console.signed_in()
        answer = await auth.send(method, path.format(sid=claims(token)["sid"]), token)
        told = refresh_cookie(answer)
        assert answer.status_code == 204, path
        assert told is not None, path
        assert (told["value"], told["max-age"], told["path"]) == ("", "0", "/auth/token")
        assert (await console.refresh()).json()["error"] == "invalid_grant", path  # even for who keeps it


async def test_only_its_own_sign_out_takes_it_away(console: Console, auth: AuthClient) -> None:
    other = (await auth.sign_in()).json()["access_token"]
    mine = await console.signed_in()
    for token, ended in ((mine, other), (await auth.access_token(), mine)):
        answer = await auth.delete(f"/auth/sessions/{claims(ended)['sid']}", token)
        assert answer.status_code == 204
        assert refresh_cookie(answer) is None
    assert refresh_cookie(await auth.delete("/auth/sessions", await auth.access_token())) is None


async def test_the_list_of_sessions_says_which_is_the_consoles(console: Console, auth: AuthClient) -> None:
    await auth.sign_in()
    listed = (await auth.get("/auth/sessions", await console.signed_in())).json()
    assert [(one["client_id"], one["current"]) for one in listed] == [(CONSOLE, True), ("strongroom", False)]


async def test_a_disabled_account_has_no_usable_cookie(console: Console, auth: AuthClient) -> None:
    admin = await auth.access_token(**ADMIN)
    token = await console.signed_in()
    await auth.send("PATCH", f"/auth/users/{claims(token)['sub']}", admin, {"disabled": True})
    assert (await console.refresh()).json()["error"] == "invalid_grant"
    assert console.cookie is None


@pytest.mark.parametrize(
    ("address", "name", "path", "secure"),
    [
        ("https://strongroom.test", "__Secure-strongroom_refresh", "/auth/token", True),
        ("https://strongroom.test/vault", "__Secure-strongroom_refresh", "/vault/auth/token", True),
        ("http://strongroom.test/vault", "strongroom_refresh", "/vault/auth/token", False),
    ],
)
async def test_its_name_and_path_are_those_of_the_public_address(
    console: Console, settings: AuthSettings, serve: Serve, address: str, name: str, path: str, secure: bool
) -> None:
    public = settings.model_copy(update={"public_url": address})
    console.auth = AuthClient(console.auth.http, await serve(create_app(public)))
    console.headers = {"Origin": "/".join(address.split("/")[:3])}  # without the prefix: origins have none
    token = await console.signed_in()
    told = refresh_cookie(await console.refresh())
    assert told is not None
    assert (told["name"], told["path"], "secure" in told) == (name, path, secure)
    sid = claims(token)["sid"]
    gone = refresh_cookie(await console.auth.delete(f"/auth/sessions/{sid}", token))
    assert gone is not None
    assert (gone["name"], gone["path"], "secure" in gone) == (name, path, secure)


async def test_behind_tls_a_name_that_anybody_may_set_is_not_heard(
    console: Console, settings: AuthSettings, serve: Serve
) -> None:
    public = settings.model_copy(update={"public_url": "https://strongroom.test"})
    console.auth = AuthClient(console.auth.http, await serve(create_app(public)))
    await console.sign_in()
    assert console.cookie is not None
    good = console.cookie
    for name in ("strongroom_refresh", "__Host-strongroom_refresh"):
        console.cookie = good.replace("__Secure-strongroom_refresh", name)
        assert (await console.refresh()).json()["error"] == "invalid_grant", name
    console.cookie = good
    assert (await console.refresh()).status_code == 200


async def test_a_prefix_that_only_the_proxy_tells_of_counts(
    console: Console, settings: AuthSettings, serve: Serve
) -> None:
    origin = await serve(under("/vault", create_app(settings))) + "/vault"
    console.auth = AuthClient(console.auth.http, origin)
    told_by_proxy = {"X-Forwarded-Host": "door.test", "X-Forwarded-Prefix": "/vault", "X-Forwarded-Proto": "https"}
    console.headers = {**told_by_proxy, "Origin": "https://door.test"}
    told = refresh_cookie(await console.sign_in())
    assert told is not None
    assert (told["name"], told["path"]) == ("__Secure-strongroom_refresh", "/vault/auth/token")
    assert (await console.refresh()).status_code == 200
    console.headers |= {"Origin": "http://strongroom.test"}
    assert (await console.refresh()).json()["error"] == "invalid_request"

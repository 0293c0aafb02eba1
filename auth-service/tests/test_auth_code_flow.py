"""The authorization code flow, with a browser on our pages: what is granted, to whom, and all that is not."""

import asyncio
from typing import Any

import httpx2
import jwt
import pytest
from auth_client import PASSWORD, AuthClient
from browser import Browser
from factors_client import set_up_app
from oauth_app import REDIRECT, OAuthApp, register_app
from sqlalchemy import text
from test_auth_tokens import claims

from strongroom.database import Database

ISSUER = "http://strongroom.test"


async def change(database: Database, statement: str) -> None:
    """Does what only time would."""
    async with database.begin() as tx:
        await tx.execute(text(statement))


async def granted(app: OAuthApp, code: str, **changes: str | None) -> int:
    return (await app.redeem(code, **changes)).status_code


async def refused(app: OAuthApp, code: str, **changes: str | None) -> bool:
    answer = await app.redeem(code, **changes)
    return (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


async def test_a_person_signs_in_and_allows_and_the_app_gets_its_tokens(app: OAuthApp, browser: Browser) -> None:
    page = await browser.arrive(app.link())
    assert (page.status, page.asks_for_password) == (200, True)
    assert "Photo Printer" in page.text
    consent = await browser.sign_in(page)
    for line in ("ada@example.com", "see your name", "see and download your files", "https://app.example"):
        assert line in consent.text
    back = await browser.allow(consent)
    assert back.left_to.startswith(REDIRECT + "&")
    assert back.told.keys() == {"kept", "code", "state", "iss"}
    assert (back.told["state"], back.told["iss"]) == ("st&te", ISSUER)
    answer = await app.redeem(back.told["code"])
    assert answer.headers["cache-control"] == "no-store"
    tokens = answer.json()
    assert tokens["scope"] == "openid profile email files:read"
    told, known = claims(tokens["access_token"]), claims(tokens["id_token"])
    assert told["client_id"] == known["aud"] == app.client_id
    assert told["sid"] == known["sid"]
    assert known["nonce"] == "n0nce"
    refreshed = await app.refresh(tokens["refresh_token"])
    assert claims(refreshed.json()["access_token"])["sid"] == told["sid"]


async def test_a_person_can_say_no(app: OAuthApp, browser: Browser) -> None:
    answer = (await browser.submit(await app.consent_page(browser), step="deny")).told
    assert (answer["error"], answer["state"], answer["iss"]) == ("access_denied", "st&te", ISSUER)
    assert "code" not in answer
    assert (await browser.arrive(app.link())).asks_for_consent


async def test_who_has_allowed_an_app_is_not_asked_again_unless_for_more(app: OAuthApp, browser: Browser) -> None:
    await app.code(browser, scope="openid email")
    assert "code" in (await browser.arrive(app.link(scope="openid"))).told
    assert "code" in (await browser.arrive(app.link(scope="openid", prompt="none"))).told
    assert (await browser.arrive(app.link(scope="openid", prompt="consent"))).asks_for_consent
    more = await browser.arrive(app.link(scope="openid files:read"))
    assert more.asks_for_consent
    silent = (await browser.arrive(app.link(scope="openid files:read", prompt="none"))).told
    assert (silent["error"], silent["state"], silent["iss"]) == ("consent_required", "st&te", ISSUER)
    await browser.allow(more)
    assert "code" in (await browser.arrive(app.link(scope="email files:read"))).told


async def test_a_public_app_on_a_device_asks_every_time(
    auth: AuthClient, app: OAuthApp, admin: str, browser: Browser
) -> None:
    """RFC 8252 §8.6: any other app there could use its id, and listen where it does."""
    for uri in ("com.example.app:/back", "http://127.0.0.1/back"):
        public = await register_app(auth, admin, public=True, redirect_uris=[uri])
        assert (await public.tokens(browser))["refresh_token"]
        assert (await browser.arrive(public.link())).asks_for_consent
        assert (await browser.arrive(public.link(prompt="none"))).told["error"] == "consent_required"
    at_home = await register_app(auth, admin, public=True)
    await at_home.code(browser)
    assert "code" in (await browser.arrive(at_home.link(prompt="none"))).told


async def test_prompt_none_never_shows_a_page(app: OAuthApp, browser: Browser) -> None:
    answer = (await browser.arrive(app.link(prompt="none"))).told
    assert (answer["error"], answer["state"], answer["iss"]) == ("login_required", "st&te", ISSUER)
    await app.code(browser)
    assert (await browser.arrive(app.link(prompt="none", max_age="0"))).told["error"] == "login_required"
    assert (await browser.arrive(app.link(prompt="none login"))).told["error"] == "invalid_request"


async def test_an_app_can_ask_for_a_fresh_sign_in(app: OAuthApp, browser: Browser, database: Database) -> None:
    await app.code(browser)
    await change(database, "update auth.browser_sessions set authenticated_at = authenticated_at - interval '1 hour'")
    hour_old = claims((await app.tokens(browser))["id_token"])
    for changes in ({"max_age": "3599"}, {"max_age": "0"}, {"prompt": "login"}, {"prompt": "select_account"}):
        page = await browser.arrive(app.link(**changes))
        assert page.asks_for_password, changes
    assert "code" in (await browser.arrive(app.link(max_age="3700"))).told
    fresh = claims((await app.tokens(browser, max_age="0"))["id_token"])
    assert fresh["auth_time"] - hour_old["auth_time"] >= 3600
    assert fresh["iat"] - fresh["auth_time"] < 60
    both = await browser.sign_in(await browser.arrive(app.link(prompt="login consent")))
    assert both.asks_for_consent
    assert "code" in (await browser.allow(both)).told


async def test_a_sign_in_hint_fills_in_the_address_and_no_more(app: OAuthApp, browser: Browser) -> None:
    page = await browser.arrive(app.link(login_hint="ada@example.com"))
    assert page.fields["username"] == "ada@example.com"
    assert page.fields["password"] == ""
    assert len((await browser.arrive(app.link(login_hint="x" * 2000))).fields["username"]) <= 320


async def test_nonce_and_state_come_back_only_if_they_were_sent(app: OAuthApp, browser: Browser) -> None:
    consent = await app.consent_page(browser, state=None, nonce=None)
    back = (await browser.allow(consent)).told
    assert "state" not in back
    tokens = (await app.redeem(back["code"])).json()
    assert "nonce" not in claims(tokens["id_token"])
    odd = "é ✓ &=?#%\"'<>" * 20
    assert (await browser.arrive(app.link(state=odd))).told["state"] == odd
    plain = await app.tokens(browser, scope="files:read")
    assert "id_token" not in plain


@pytest.mark.parametrize(
    "address", [None, "", "https://app.example/back", REDIRECT + "&more=1", "https://evil.example"]
)
async def test_nobody_is_sent_to_an_address_that_is_not_registered(
    app: OAuthApp, browser: Browser, address: str | None
) -> None:
    for changes in ({}, {"prompt": "none"}, {"response_type": "token"}):
        page = await browser.arrive(app.link(redirect_uri=address, **changes))
        assert page.status == 400
        assert "location" not in page.answer.headers
        assert page.answer.headers["content-type"].startswith("text/html")


async def test_trouble_with_the_app_is_told_to_the_person_and_trouble_with_the_request_to_the_app(
    app: OAuthApp, auth: AuthClient, admin: str, browser: Browser
) -> None:
    service_account = await register_app(auth, admin, redirect_uris=[])
    shown: list[str] = [
        app.link(client_id=None),
        app.link(client_id="unknown"),
        app.link(client_id=app.client_id.upper()),
        app.link(client_id=service_account.client_id, redirect_uri=REDIRECT),
        app.link() + f"&redirect_uri={REDIRECT}",
        app.link() + f"&client_id={app.client_id}",
        app.link() + "&scope=openid",
        app.link(state="a\0b"),
        app.link(login_hint="x" * 9000),
        f"{auth.origin}/auth/authorize",
    ]
    for link in shown:
        page = await browser.arrive(link)
        assert (page.status, "location" in page.answer.headers) == (400, False), link
        assert page.answer.headers["content-security-policy"].startswith("default-src 'none'")
    told: list[tuple[dict[str, str | None], str]] = [
        ({"response_type": None}, "unsupported_response_type"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"response_mode": "form_post"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": "=" * 43}, "invalid_request"),
        ({"scope": "openid files:write"}, "invalid_scope"),
        ({"scope": "no-such-scope"}, "invalid_scope"),
        ({"scope": " "}, "invalid_scope"),
        ({"prompt": "none consent"}, "invalid_request"),
        ({"prompt": "create"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"max_age": "٣"}, "invalid_request"),
        ({"max_age": "9" * 20}, "invalid_request"),
        ({"nonce": "n" * 3000}, "invalid_request"),
        ({"request": "e30.e30."}, "request_not_supported"),
        ({"request_uri": "https://app.example/request"}, "request_uri_not_supported"),
    ]
    for changes, error in told:
        answer = (await browser.arrive(app.link(**changes))).told
        assert (answer["error"], answer["state"], answer["iss"]) == (error, "st&te", ISSUER), changes


async def test_raw_bytes_for_a_query_are_no_fault_of_ours(app: OAuthApp, auth: AuthClient) -> None:
    address = httpx2.URL(auth.origin)
    for query in (b"\xff", b"client_id=\xc3\xa9", b"%ff=%ff", b"client_id=%00", b"&".join([b"a=1"] * 60)):
        reader, writer = await asyncio.open_connection(address.host, address.port)
        writer.write(b"GET /auth/authorize?" + query + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert (await reader.readline()).split()[1] == b"400", query
        writer.close()


async def test_a_request_may_come_by_post(app: OAuthApp, auth: AuthClient, browser: Browser) -> None:
    """OpenID Connect Core §3.1.2.1."""
    await app.code(browser)
    answer = await browser.http.post(f"{auth.origin}/auth/authorize", data=app.request())
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("authorize?")
    assert "code" in (await browser.arrive(f"{auth.origin}/auth/{answer.headers['location']}")).told
    assert (await browser.http.post(f"{auth.origin}/auth/authorize", data={"state": "x" * 9000})).status_code == 400
    for body in (b"", b"\xff", b'{"client_id": 1}'):
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        refusal = await browser.http.post(f"{auth.origin}/auth/authorize", content=body, headers=form)
        assert refusal.status_code in {303, 400}
        if refusal.status_code == 303:
            assert refusal.headers["location"].startswith("authorize?")


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "x" * 50},
        {"code_verifier": "short"},
        {"redirect_uri": "https://app.example/back"},
        {"redirect_uri": None},
    ],
)
async def test_a_wrong_guess_burns_the_code(app: OAuthApp, browser: Browser, changes: dict[str, str | None]) -> None:
    code = await app.code(browser)
    assert await refused(app, code, **changes)
    assert await refused(app, code)


async def test_a_code_without_its_verifier_is_a_malformed_request(app: OAuthApp, browser: Browser) -> None:
    code = await app.code(browser)
    answer = await app.redeem(code, code_verifier=None)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    challenge = app.request()["code_challenge"]
    assert await refused(app, code, code_verifier=challenge)


async def test_a_code_is_no_use_to_another_client_nor_to_none(
    app: OAuthApp, auth: AuthClient, admin: str, browser: Browser
) -> None:
    thief = await register_app(auth, admin)
    code = await app.code(browser)
    nobody = await app.redeem(code, client_id=None, client_secret=None)
    assert nobody.json()["error"] == "unauthorized_client"
    unproved = await app.redeem(code, client_secret=None)
    assert unproved.json()["error"] == "invalid_client"
    assert await refused(app, "made-up")
    assert await refused(app, code, **thief.credentials)
    assert await refused(app, code)


async def test_a_code_expires(app: OAuthApp, browser: Browser, database: Database) -> None:
    code = await app.code(browser)
    await change(database, "update auth.authorization_codes set expires_at = expires_at - interval '1 minute'")
    assert await refused(app, code)


async def test_a_second_use_of_a_code_ends_what_the_first_one_gave(
    app: OAuthApp, auth: AuthClient, admin: str, browser: Browser
) -> None:
    code = await app.code(browser)
    tokens = (await app.redeem(code)).json()
    assert (await auth.get("/auth/profile", tokens["access_token"])).status_code == 200
    assert await refused(app, code)
    assert (await app.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    sid = claims(tokens["access_token"])["sid"]
    feed = (await auth.get("/auth/revocations?after=0&wait=0")).json()["items"]
    assert any(one["id"] == sid for one in feed)
    audit = (await auth.get("/auth/audit", admin)).json()["items"]
    assert "authorization_code.replayed" in [one["event"] for one in audit]


async def test_of_two_hundred_uses_of_a_code_at_once_none_lives_on(app: OAuthApp, browser: Browser) -> None:
    code = await app.code(browser)
    answers = await asyncio.gather(*(app.redeem(code) for _ in range(200)))
    tokens = [answer.json() for answer in answers if answer.status_code == 200]
    assert len(tokens) == 1
    assert {answer.json().get("error") for answer in answers} == {None, "invalid_grant"}
    assert (await app.refresh(tokens[0]["refresh_token"])).json()["error"] == "invalid_grant"


async def test_an_app_gets_no_more_than_its_user_has(
    app: OAuthApp, auth: AuthClient, admin: str, browser: Browser
) -> None:
    consent = await app.consent_page(browser, scope="openid admin")
    assert "administer" not in consent.text
    code = (await browser.allow(consent)).told["code"]
    assert (await app.redeem(code)).json()["scope"] == "openid"
    nothing_left = (await browser.arrive(app.link(scope="admin"))).told
    assert nothing_left["error"] == "invalid_scope"
    unasked = (await app.tokens(browser, scope=None))["scope"]
    assert unasked == "openid profile email files:read"
    refreshed = await app.refresh((await app.tokens(browser))["refresh_token"], scope="openid account")
    assert refreshed.json()["error"] == "invalid_scope"


async def test_a_role_taken_away_meanwhile_takes_its_scopes_along(
    app: OAuthApp, auth: AuthClient, admin: str, browser: Browser
) -> None:
    ada = (await auth.get("/auth/profile", await auth.access_token())).json()["id"]
    await auth.send("PUT", f"/auth/users/{ada}/roles", admin, {"roles": ["admin", "user"]})
    code = await app.code(browser, scope="openid admin")
    await auth.send("PUT", f"/auth/users/{ada}/roles", admin, {"roles": ["user"]})
    tokens = (await app.redeem(code)).json()
    assert tokens["scope"] == claims(tokens["access_token"])["scope"] == "openid"


async def test_the_browser_is_signed_out_with_the_password_and_with_the_account(
    app: OAuthApp, auth: AuthClient, admin: str, browser: Browser
) -> None:
    await app.code(browser)
    waiting = await app.code(browser)
    new = "another-strong-one-77"
    token = await auth.access_token()
    changed = await auth.send(
        "POST", "/auth/profile/password", token, {"current_password": PASSWORD, "new_password": new}
    )
    assert changed.is_success
    assert await refused(app, waiting)
    page = await browser.arrive(app.link())
    assert page.asks_for_password
    waiting = (await browser.sign_in(page, password=new)).told["code"]
    ada = (await auth.get("/auth/profile", token)).json()["id"]
    await auth.send("PATCH", f"/auth/users/{ada}", admin, {"disabled": True})
    page = await browser.arrive(app.link())
    assert page.asks_for_password
    assert (await browser.sign_in(page, password=new)).status == 401
    assert await refused(app, waiting)


async def test_an_old_cookie_is_void_after_signing_in_anew_or_out(app: OAuthApp, browser: Browser) -> None:
    async def signed_in_with(cookie: str) -> bool:
        headers = {"Cookie": f"strongroom_browser={cookie}"}
        async with httpx2.AsyncClient(trust_env=False, verify=False, headers=headers) as http:
            return not (await Browser(http).arrive(app.link())).asks_for_password

    def cookie() -> str:
        return next(one.value or "" for one in browser.http.cookies.jar if one.name == "strongroom_browser")

    consent = await app.consent_page(browser)
    first = cookie()
    assert await signed_in_with(first)
    consent = await browser.sign_in(await browser.arrive(app.link(prompt="login")))
    second = cookie()
    assert (await signed_in_with(first), await signed_in_with(second)) == (False, True)
    page = await browser.submit(consent, step="sign-out")
    assert page.asks_for_password
    assert "strongroom_browser" not in browser.http.cookies
    assert not await signed_in_with(second)
    for made_up in ("x", "é", "a b", "x" * 5000):
        assert not await signed_in_with(made_up.encode().decode("latin-1") if made_up.isascii() else "%C3%A9")


async def test_a_browser_session_ends_by_itself(app: OAuthApp, browser: Browser, database: Database) -> None:
    await app.code(browser)
    await change(database, "update auth.browser_sessions set expires_at = now()")
    assert (await browser.arrive(app.link())).asks_for_password


async def test_the_page_asks_for_the_second_factor(app: OAuthApp, auth: AuthClient, browser: Browser) -> None:
    factor = await set_up_app(auth, await auth.access_token())
    step = await browser.sign_in(await browser.arrive(app.link(max_age="0")))
    assert "code" in step.fields
    assert "form-action 'self' https://app.example;" in step.answer.headers["content-security-policy"]
    assert (await browser.arrive(app.link(prompt="none"))).told["error"] == "login_required"
    elsewhere = await auth.token(grant_type="mfa", mfa_token=step.fields["mfa_token"], code=factor.code())
    assert elsewhere.json()["error"] == "invalid_grant"
    step = await browser.sign_in(await browser.arrive(app.link(max_age="0")))
    wrong = await browser.submit(step, code="000000")
    assert (wrong.status, "not right" in wrong.text) == (401, True)
    right = await browser.submit(wrong, code=factor.recovery_codes[0])
    assert right.asks_for_consent, right.answer.text
    assert "code" in (await browser.allow(right)).told


async def test_a_factor_begun_at_the_token_endpoint_is_not_finished_on_the_page(
    app: OAuthApp, auth: AuthClient, browser: Browser
) -> None:
    factor = await set_up_app(auth, await auth.access_token())
    token = (await auth.sign_in()).json()["mfa_token"]
    step = await browser.sign_in(await browser.arrive(app.link()))
    mixed = await browser.submit(step, mfa_token=token, code=factor.recovery_codes[0])
    assert mixed.status == 401
    assert (await browser.arrive(app.link(prompt="none"))).told["error"] == "login_required"


async def test_two_people_on_one_browser_are_not_mixed_up(app: OAuthApp, auth: AuthClient, browser: Browser) -> None:
    await auth.register(email="eve@example.com")
    ada: dict[str, Any] = await app.tokens(browser)
    page = await browser.arrive(app.link(prompt="select_account"))
    consent = await browser.sign_in(page, username="eve@example.com")
    assert "eve@example.com" in consent.text
    eve = (await app.redeem((await browser.allow(consent)).told["code"])).json()
    assert claims(ada["id_token"])["email"] == "ada@example.com"
    assert claims(eve["id_token"])["email"] == "eve@example.com"
    assert jwt.get_unverified_header(eve["id_token"])["typ"] == "JWT"

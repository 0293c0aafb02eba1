"""The sign-in and consent pages against other sites: forged forms, framing, scripts, leaks, cookies, proxies."""

import re
from collections.abc import Awaitable, Callable
from http.cookies import SimpleCookie

import httpx2
import pytest
from auth_client import PASSWORD, AuthClient
from browser import Browser, Page
from oauth_app import OAuthApp, register_app
from starlette.types import ASGIApp, Receive, Scope, Send

from auth_service.app import create_app
from auth_service.settings import AuthSettings

Serve = Callable[[ASGIApp], Awaitable[str]]
KnownAs = Callable[[str], Awaitable[None]]
ATTACK = "\"'><script>alert(1)</script><b onmouseover=x>{{7*7}}"


@pytest.fixture
def known_as(app: OAuthApp, auth: AuthClient, settings: AuthSettings, serve: Serve) -> KnownAs:
    """From then on the app meets a service that clients know by that address."""

    async def know(address: str) -> None:
        public = settings.model_copy(update={"public_url": address})
        app.auth = AuthClient(auth.http, await serve(create_app(public)))

    return know


def policy(page: Page) -> dict[str, list[str]]:
    directives = page.answer.headers["content-security-policy"].split("; ")
    return {name: sources for name, *sources in (one.split(" ") for one in directives)}


async def test_a_form_from_anywhere_else_does_nothing(app: OAuthApp, browser: Browser) -> None:
    page = await browser.arrive(app.link())
    right = {"username": "ada@example.com", "password": PASSWORD}
    other_request = (await browser.arrive(app.link(state="other"))).fields
    async with httpx2.AsyncClient(trust_env=False, verify=False) as http:
        strangers = (await Browser(http).arrive(app.link())).fields
    forged: list[dict[str, str]] = [
        {"csrf": ""},
        {"csrf": "0" * 64},
        {"csrf": "é"},
        {"csrf": page.fields["csrf"].upper()},
        {"csrf": other_request["csrf"]},
        {"csrf": strangers["csrf"]},
        {"request": other_request["request"]},
        {"request": page.fields["request"] + "&prompt=none"},
        {"request": ""},
        {"step": "allow", "csrf": ""},
        {"step": "sign-out", "csrf": ""},
        {"step": "no-such-step"},
        {"username": "a\0b"},
        {"password": "x" * 2000},
    ]
    for fields in forged:
        answer = await browser.submit(page, **{**right, **fields})
        assert answer.status == 400, fields
        assert answer.answer.headers["content-type"].startswith("text/html"), fields
        assert "strongroom_browser" not in browser.http.cookies, fields
    browser.http.cookies.clear()
    assert (await browser.submit(page, **right)).status == 400
    assert "strongroom_browser" not in browser.http.cookies


async def test_a_forged_consent_gives_no_code(app: OAuthApp, browser: Browser) -> None:
    consent = await app.consent_page(browser)
    other = (await browser.arrive(app.link(scope="openid"))).fields
    for fields in ({"csrf": "0" * 64}, {"csrf": other["csrf"]}, {"request": other["request"]}):
        assert (await browser.submit(consent, step="allow", **fields)).status == 400
    # With the form but not signed in, or not any more, there is nothing to allow.
    session = browser.http.cookies.pop("strongroom_browser", None)
    browser.http.cookies.delete("strongroom_browser")
    assert session is not None
    assert (await browser.submit(consent, step="allow")).asks_for_password


async def test_forms_in_several_tabs_all_work(app: OAuthApp, browser: Browser) -> None:
    first = await browser.arrive(app.link(state="first"))
    second = await browser.arrive(app.link(state="second"))
    assert (await browser.sign_in(first)).asks_for_consent
    consent = await browser.sign_in(second)
    assert (await browser.allow(consent)).told["state"] == "second"


async def test_a_session_is_not_planted_by_a_cookie_of_somebody_elses_choice(app: OAuthApp, browser: Browser) -> None:
    browser.http.cookies.set("strongroom_browser", "chosen", domain="127.0.0.1", path="/auth")
    await app.consent_page(browser)
    values = [one.value for one in browser.http.cookies.jar if one.name == "strongroom_browser"]
    assert values != ["chosen"]
    assert len(values) == 1


async def test_nothing_that_comes_from_outside_becomes_markup(
    app: OAuthApp, auth: AuthClient, admin: str, browser: Browser
) -> None:
    hostile = await register_app(auth, admin, name=ATTACK)
    hinted = {"login_hint": ATTACK, "state": ATTACK, "nonce": ATTACK}
    pages = [await browser.arrive(hostile.link(**hinted))]
    assert pages[0].fields["username"] == ATTACK
    pages.append(await browser.submit(pages[0], username=ATTACK, password="wrong"))
    assert pages[1].status == 401
    pages.append(await browser.sign_in(pages[1]))
    assert pages[2].asks_for_consent
    pages.append(await browser.arrive(hostile.link(redirect_uri=ATTACK, client_id=ATTACK)))
    for page in pages:
        assert "<script" not in page.answer.text
        assert "<b " not in page.answer.text
        assert "49" not in page.text
        assert "49" not in page.fields.get("username", "")
    told = (await browser.allow(pages[2])).told
    assert told["state"] == ATTACK


async def test_the_pages_cannot_be_framed_scripted_or_leaked(app: OAuthApp, browser: Browser) -> None:
    sign_in = await browser.arrive(app.link())
    wrong = await browser.submit(sign_in, username="ada@example.com", password="wrong")
    consent = await browser.sign_in(wrong)
    broken = await browser.arrive(app.link(client_id=None))
    expired = await browser.submit(consent, csrf="x")
    for page in (sign_in, wrong, consent, broken, expired):
        headers = page.answer.headers
        assert headers["x-frame-options"] == "DENY"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert headers["content-type"] == "text/html; charset=utf-8"
        assert policy(page)["default-src"] == policy(page)["frame-ancestors"] == ["'none'"]
        assert policy(page)["base-uri"] == ["'none'"]
        assert "unsafe" not in headers["content-security-policy"]
        assert not {"script", "style", "iframe", "object", "base"} & {tag for tag, _ in page.tags}
        assert not [name for _, found in page.tags for name in found if name == "style" or name.startswith("on")]
        assert not re.search(r"https?://(?!app\.example)", page.answer.text), "nothing is fetched from elsewhere"
    back = (await browser.allow(consent)).answer.headers
    refusal = (await browser.arrive(app.link(scope="none-such"))).answer.headers
    for headers in (back, refusal):
        assert (headers["referrer-policy"], headers["cache-control"]) == ("no-referrer", "no-store")


@pytest.mark.parametrize(
    ("uri", "target"),
    [
        ("https://app.example:8443/back", "https://app.example:8443"),
        ("http://127.0.0.1:3000/back", "http://127.0.0.1:3000"),
        ("http://[::1]:3000/back", "http:"),
        ("com.example.app:/back", "com.example.app:"),
        ("com.example.app://back/here", "com.example.app:"),
    ],
)
async def test_every_form_may_lead_back_to_the_app(
    app: OAuthApp, auth: AuthClient, admin: str, browser: Browser, uri: str, target: str
) -> None:
    """Browsers hold the redirects after a form to its page's form-action: without it nobody gets back to the app."""
    other = await register_app(auth, admin, redirect_uris=[uri])
    sign_in = await browser.arrive(other.link())
    wrong = await browser.submit(sign_in, username="ada@example.com", password="wrong")
    consent = await browser.sign_in(wrong)
    for page in (sign_in, wrong, consent):
        assert policy(page)["form-action"] == ["'self'", target]
    assert (await browser.allow(consent)).left_to.startswith(f"{uri}?code=")
    again = await browser.sign_in(await browser.arrive(other.link(prompt="login")))
    assert again.left_to.startswith(f"{uri}?code=")


async def test_an_address_goes_into_the_answer_as_it_was_registered(
    app: OAuthApp, auth: AuthClient, admin: str, browser: Browser
) -> None:
    for uri in ("https://app.example/a;b=(c)/~d?x=%7E&y=;", "com.example.app:///back", "https://app.example"):
        other = await register_app(auth, admin, redirect_uris=[uri])
        back = await browser.allow(await other.consent_page(browser))
        assert back.left_to.startswith(uri + ("&" if "?" in uri else "?") + "code=")


def cookies(answer: httpx2.Response) -> dict[str, dict[str, str]]:
    """The attributes of the cookies that an answer sets, by their names without a prefix, which is one of them."""
    found = {}
    for header in answer.headers.get_list("set-cookie"):
        for name, morsel in SimpleCookie(header).items():
            prefix, _, plain = name.rpartition("-")
            found[plain] = {"prefix": prefix} | {key: value for key, value in morsel.items() if value}
    return found


async def set_on_the_way(app: OAuthApp, http: httpx2.AsyncClient) -> dict[str, dict[str, str]]:
    page = Page(await http.get(app.link()))
    found = cookies(page.answer)
    # By hand: a jar keeps what is Secure from a server that it reaches by plain HTTP.
    csrf = page.answer.headers["set-cookie"].partition(";")[0]
    form = {**page.fields, "username": "ada@example.com", "password": PASSWORD}
    headers = {"Cookie": csrf}
    answer = await http.post(str(page.answer.url.copy_with(query=None)), data=form, headers=headers)
    assert answer.status_code == 303, answer.text
    return found | cookies(answer)


async def test_cookies_are_kept_from_scripts_from_other_sites_and_from_plain_http(
    app: OAuthApp, known_as: KnownAs
) -> None:
    async with httpx2.AsyncClient(trust_env=False, verify=False) as http:
        plain = await set_on_the_way(app, http)
    assert plain.keys() == {"strongroom_csrf", "strongroom_browser", "strongroom_device"}
    assert [one.get("samesite") for one in plain.values()] == ["lax", "lax", "strict"]
    assert not any("secure" in one for one in plain.values())
    async with httpx2.AsyncClient(trust_env=False, verify=False, headers={"X-Forwarded-Proto": "https"}) as http:
        forwarded = await set_on_the_way(app, http)
    await known_as("https://strongroom.test")
    async with httpx2.AsyncClient(trust_env=False, verify=False) as http:
        by_setting = await set_on_the_way(app, http)
    assert {(one["prefix"], one["path"]) for one in plain.values()} == {("", "/auth")}
    for found in (plain, forwarded, by_setting):
        assert all("httponly" in one and "domain" not in one for one in found.values())
    for found in (forwarded, by_setting):
        assert {("secure" in one, one["prefix"], one["path"]) for one in found.values()} == {(True, "__Host", "/")}
    assert cookies(await app.auth.sign_in())["strongroom_device"] == by_setting["strongroom_device"]


async def test_a_neighbour_plants_no_cookie_behind_tls(app: OAuthApp, known_as: KnownAs) -> None:
    """Any host below the same domain can set a cookie for all of it, but none with the prefix."""
    await known_as("https://strongroom.test")
    planted = {"Cookie": "strongroom_csrf=planted"}
    async with httpx2.AsyncClient(trust_env=False, verify=False, headers=planted) as http:
        page = Page(await http.get(app.link()))
        assert "planted" not in page.answer.headers["set-cookie"]
        form = {**page.fields, "username": "ada@example.com", "password": PASSWORD}
        assert (await http.post(str(page.answer.url.copy_with(query=None)), data=form)).status_code == 400


async def test_a_host_that_is_shared_gets_cookies_for_our_path_only(app: OAuthApp, known_as: KnownAs) -> None:
    await known_as("https://strongroom.test/vault")
    async with httpx2.AsyncClient(trust_env=False, verify=False) as http:
        found = await set_on_the_way(app, http)
    assert {("secure" in one, one["prefix"], one["path"]) for one in found.values()} == {
        (True, "__Secure", "/vault/auth")
    }


async def test_signing_out_behind_tls_removes_the_cookie(app: OAuthApp, known_as: KnownAs) -> None:
    """Browsers believe no removal that is not as secure as what it removes."""
    await known_as("https://strongroom.test")
    async with httpx2.AsyncClient(trust_env=False, verify=False) as http:
        page = Page(await http.get(app.link()))
        csrf = page.answer.headers["set-cookie"].partition(";")[0]
        form = {**page.fields, "step": "sign-out"}
        url = str(page.answer.url.copy_with(query=None))
        out = await http.post(url, data=form, headers={"Cookie": f"{csrf}; __Host-strongroom_browser=any"})
    assert out.status_code == 303, out.text
    removed = cookies(out)["strongroom_browser"]
    assert (removed["max-age"], removed["path"], removed["prefix"]) == ("0", "/", "__Host")
    assert {"secure", "httponly"} <= removed.keys()


async def test_only_the_app_that_opened_the_sign_in_keeps_hold_of_its_window(
    app: OAuthApp, auth: AuthClient, browser: Browser
) -> None:
    """It waits there for the answer; pages that lead back to nobody are cut off from whoever opened them."""
    sign_in = await browser.arrive(app.link())
    assert sign_in.answer.headers["cross-origin-opener-policy"] == "unsafe-none"
    for page in (await browser.arrive(app.link(client_id=None)), Page(await auth.get("/auth/password/reset?token=x"))):
        assert page.answer.headers["cross-origin-opener-policy"] == "same-origin"


def under(prefix: str, app: ASGIApp) -> ASGIApp:
    """A proxy that serves `app` below a path of its own, and takes that off."""

    async def proxied(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            assert scope["path"].startswith(prefix + "/"), scope["path"]
            scope = {**scope, "path": scope["path"].removeprefix(prefix), "raw_path": b""}
        await app(scope, receive, send)

    return proxied


@pytest.mark.parametrize(
    ("known", "told"),
    [("/vault", {}), ("", {"X-Forwarded-Host": "door.test", "X-Forwarded-Prefix": "/vault"})],
    ids=["that is public", "that only the proxy tells of"],
)
async def test_the_pages_work_behind_a_path_prefix(
    auth: AuthClient,
    admin: str,
    settings: AuthSettings,
    serve: Serve,
    browser: Browser,
    known: str,
    told: dict[str, str],
) -> None:
    public = settings.model_copy(update={"public_url": f"http://strongroom.test{known}"})
    origin = await serve(under("/vault", create_app(public))) + "/vault"
    browser.http.headers |= told
    await auth.register(name="Ada")
    app = await register_app(auth, admin)
    app.auth = AuthClient(auth.http, origin)
    page = await browser.arrive(app.link())
    (sheet,) = [found["href"] for tag, found in page.tags if tag == "link"]
    style = await browser.http.get(str(page.answer.url.join(sheet)))
    assert (style.status_code, style.headers["content-type"]) == (200, "text/css; charset=utf-8")
    back = await browser.allow(await browser.sign_in(page))
    assert back.told["iss"] == public.public_url
    assert (await app.redeem(back.told["code"])).status_code == 200
    assert "code" in (await browser.arrive(app.link(prompt="none"))).told
    assert {one.path for one in browser.http.cookies.jar} == {"/vault/auth"}
    out = await browser.submit(await browser.arrive(app.link(prompt="consent")), step="sign-out")
    assert out.asks_for_password

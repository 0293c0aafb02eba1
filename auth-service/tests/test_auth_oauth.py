"""Apps and programs: authorization code with PKCE on our pages, client credentials, introspection, revocation."""

import asyncio
import base64
import re
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import jwt
import pytest
from auth_client import ADMIN, PASSWORD, AuthClient

REDIRECT = "https://app.example/back?kept=1"
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


@dataclass
class App:
    """An app, and the browser of the person who uses it."""

    auth: AuthClient
    credentials: dict[str, str]
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    @property
    def challenge(self) -> str:
        return base64.urlsafe_b64encode(sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()

    async def visit(self, **changes: str | None) -> httpx2.Response:
        asked = {
            "response_type": "code",
            "client_id": self.credentials["client_id"],
            "redirect_uri": REDIRECT,
            "scope": "openid email files:read",
            "state": "st&te",
            "nonce": "n0nce",
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
            **changes,
        }
        query = urlencode({name: value for name, value in asked.items() if value is not None})
        return await self.auth.http.get(f"{self.auth.origin}/auth/authorize?{query}")

    async def submit(self, page: httpx2.Response, **fields: str) -> httpx2.Response:
        hidden = {name: unescape(value) for name, value in _HIDDEN.findall(page.text)}
        return await self.auth.http.post(f"{self.auth.origin}/auth/authorize", data={**hidden, **fields})

    async def follow(self, answer: httpx2.Response) -> httpx2.Response:
        assert answer.status_code == 303, answer.text
        return await self.auth.http.get(f"{self.auth.origin}/auth/{answer.headers['location']}")

    async def sign_in(self, page: httpx2.Response) -> httpx2.Response:
        """The consent page, or the way back to the app."""
        return await self.follow(await self.submit(page, username="ada@example.com", password=PASSWORD))

    async def code(self, **changes: str | None) -> str:
        """What a willing person's browser brings back to the app."""
        consent = await self.sign_in(await self.visit(**changes))
        return answer_of(await self.submit(consent, step="allow"))["code"]

    async def redeem(self, code: str, **changes: str) -> httpx2.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT,
            "code_verifier": self.verifier,
        }
        return await self.auth.token(**{**form, **self.credentials, **changes})


def answer_of(response: httpx2.Response) -> dict[str, str]:
    assert response.status_code == 303, response.text
    location = response.headers["location"]
    assert location.startswith("https://app.example/back?kept=1&")
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


@pytest.fixture
async def admin(auth: AuthClient) -> str:
    return await auth.access_token(**ADMIN)


async def register(auth: AuthClient, admin: str, **wanted: Any) -> dict[str, str]:
    body = {
        "name": "App <b>",
        "scopes": ["openid", "email", "files:read", "admin"],
        "redirect_uris": [REDIRECT],
        **wanted,
    }
    answer = await auth.send("POST", "/auth/clients", admin, body)
    assert answer.status_code == 201, answer.text
    client = answer.json()
    return {name: client[name] for name in ("client_id", "client_secret") if client[name]}


@pytest.fixture
async def app(auth: AuthClient, admin: str) -> App:
    await auth.register(name="Ada")
    return App(auth, await register(auth, admin))


async def test_a_person_signs_in_allows_and_the_app_gets_its_tokens(app: App) -> None:
    user_page = await app.visit()
    assert user_page.status_code == 200
    assert "App &lt;b&gt;" in user_page.text
    consent = await app.sign_in(user_page)
    assert "see and download your files" in consent.text
    back = answer_of(await app.submit(consent, step="allow"))
    assert (back["state"], back["iss"]) == ("st&te", "http://strongroom.test")
    tokens = (await app.redeem(back["code"])).json()
    assert tokens["scope"] == "openid email files:read"
    told = jwt.decode(tokens["id_token"], options={"verify_signature": False})
    assert (told["aud"], told["nonce"], told["email"]) == (app.credentials["client_id"], "n0nce", "ada@example.com")
    assert "name" not in told
    assert (await app.auth.get("/auth/userinfo", tokens["access_token"])).json() == {
        "sub": told["sub"],
        "email": "ada@example.com",
        "email_verified": False,
    }
    assert (await app.auth.get("/auth/profile", tokens["id_token"])).status_code == 401
    refreshed = await app.auth.token(
        grant_type="refresh_token", refresh_token=tokens["refresh_token"], **app.credentials
    )
    assert refreshed.status_code == 200


async def test_the_second_time_nobody_is_asked(app: App) -> None:
    await app.code()
    assert "code" in answer_of(await app.visit())
    assert "code" in answer_of(await app.visit(prompt="none"))
    assert (await app.visit(prompt="consent")).status_code == 200
    assert 'name="password"' in (await app.visit(prompt="login")).text
    assert 'name="password"' in (await app.visit(max_age="0")).text


async def test_without_a_sign_in_prompt_none_tells_the_app(app: App) -> None:
    assert answer_of(await app.visit(prompt="none"))["error"] == "login_required"


async def test_a_person_can_say_no(app: App) -> None:
    consent = await app.sign_in(await app.visit())
    assert answer_of(await app.submit(consent, step="deny"))["error"] == "access_denied"


async def test_a_wrong_password_stays_on_the_page_and_escapes_what_was_typed(app: App) -> None:
    answer = await app.submit(await app.visit(), username='"><script>@x', password="wrong")
    assert answer.status_code == 401
    assert "<script>" not in answer.text
    assert "not right" in answer.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"scope": "openid files:write"}, "invalid_scope"),
        ({"scope": " "}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"request": "x.y.z"}, "request_not_supported"),
    ],
)
async def test_a_bad_request_is_told_to_the_app(app: App, changes: dict[str, str | None], error: str) -> None:
    assert answer_of(await app.visit(**changes))["error"] == error


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "unknown"},
        {"client_id": None},
        {"redirect_uri": "https://app.example/back"},
        {"redirect_uri": "https://app.example/back?kept=1&more=2"},
        {"redirect_uri": "https://evil.example/back?kept=1"},
        {"redirect_uri": None},
    ],
)
async def test_nobody_is_sent_to_an_address_that_is_not_registered(app: App, changes: dict[str, str | None]) -> None:
    answer = await app.visit(**changes)
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert answer.headers["content-type"].startswith("text/html")


async def test_an_app_gets_no_more_than_its_user_has(app: App) -> None:
    consent = await app.sign_in(await app.visit(scope="openid admin"))
    code = answer_of(await app.submit(consent, step="allow"))["code"]
    assert (await app.redeem(code)).json()["scope"] == "openid"


async def test_the_pages_cannot_be_framed_scripted_or_leaked(app: App) -> None:
    sign_in = await app.visit()
    consent = await app.sign_in(sign_in)
    for page in (sign_in, consent):
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["cache-control"] == "no-store"
        assert "<script" not in page.text
        assert "style=" not in page.text
    assert "form-action 'self' https://app.example" in consent.headers["content-security-policy"]


async def test_a_form_that_is_not_ours_does_nothing(app: App) -> None:
    page = await app.visit()
    for fields in ({"csrf": "0" * 64}, {"request": "client_id=another"}):
        assert (await app.submit(page, username="ada@example.com", password=PASSWORD, **fields)).status_code == 400
    app.auth.http.cookies.clear()
    assert (await app.submit(page, username="ada@example.com", password=PASSWORD)).status_code == 400


async def test_a_code_is_good_once_and_a_replay_ends_what_it_gave(app: App) -> None:
    code = await app.code()
    tokens = (await app.redeem(code)).json()
    assert (await app.redeem(code)).json()["error"] == "invalid_grant"
    refresh = await app.auth.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"], **app.credentials)
    assert refresh.json()["error"] == "invalid_grant"


async def test_of_many_uses_of_a_code_at_once_none_or_one_lives(app: App) -> None:
    code = await app.code()
    answers = await asyncio.gather(*(app.redeem(code) for _ in range(50)))
    granted = [answer.json() for answer in answers if answer.status_code == 200]
    assert len(granted) == 1
    refresh = await app.auth.token(
        grant_type="refresh_token", refresh_token=granted[0]["refresh_token"], **app.credentials
    )
    assert refresh.status_code == 400


@pytest.mark.parametrize(
    "changes", [{"code_verifier": "x" * 50}, {"redirect_uri": "https://app.example/back"}, {"code": "made-up"}]
)
async def test_a_code_needs_its_verifier_and_its_address(app: App, changes: dict[str, str]) -> None:
    right = {"code": await app.code(), **changes}
    assert (await app.redeem(**right)).json()["error"] == "invalid_grant"


async def test_a_code_is_no_use_to_another_client(app: App, admin: str) -> None:
    code = await app.code()
    assert (await app.redeem(code, **await register(app.auth, admin))).json()["error"] == "invalid_grant"


async def test_signing_out_everywhere_signs_out_of_the_pages_too(app: App) -> None:
    await app.code()
    await app.auth.delete("/auth/sessions", await app.auth.access_token())
    assert 'name="password"' in (await app.visit()).text


async def test_a_program_gets_a_token_for_itself_and_no_refresh_token(auth: AuthClient, admin: str) -> None:
    credentials = await register(auth, admin, scopes=["files:read", "files:write"], redirect_uris=[])
    answer = (await auth.token(grant_type="client_credentials", scope="files:read", **credentials)).json()
    assert answer.keys() == {"access_token", "token_type", "expires_in", "scope"}
    assert answer["scope"] == "files:read"
    wide = await auth.token(grant_type="client_credentials", scope="files:read admin", **credentials)
    assert wide.json()["error"] == "invalid_scope"
    assert (await auth.get("/auth/profile", answer["access_token"])).status_code == 403


async def test_clients_authenticate_by_basic_or_body_and_not_by_both(auth: AuthClient, admin: str) -> None:
    credentials = await register(auth, admin, redirect_uris=[])
    url, form = f"{auth.origin}/auth/token", {"grant_type": "client_credentials"}
    pair = (credentials["client_id"], credentials["client_secret"])
    assert (await auth.http.post(url, data=form, auth=pair)).status_code == 200
    assert (await auth.http.post(url, data={**form, **credentials}, auth=pair)).json()["error"] == "invalid_request"
    for wrong in ((pair[0], "wrong"), ("unknown", "x"), (pair[0], "")):
        answer = await auth.http.post(url, data=form, auth=wrong)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert answer.headers["www-authenticate"].startswith("Basic ")
    assert (await auth.token(**form)).json()["error"] == "unauthorized_client"


async def test_only_admins_register_clients_and_the_secret_is_told_once(auth: AuthClient, admin: str) -> None:
    await auth.register()
    assert (await auth.send("GET", "/auth/clients", await auth.access_token())).status_code == 403
    credentials = await register(auth, admin)
    (listed,) = (await auth.get("/auth/clients", admin)).json()["items"]
    assert "client_secret" not in listed
    renewed = (await auth.send("POST", f"/auth/clients/{credentials['client_id']}/secret", admin)).json()
    old = await auth.token(grant_type="client_credentials", **credentials)
    new = await auth.token(grant_type="client_credentials", **renewed)
    assert (old.status_code, new.status_code) == (401, 200)


@pytest.mark.parametrize(
    "uri",
    [
        "http://app.example/back",
        "javascript:alert(1)",
        "https://app.example/#fragment",
        "https://user:pass@app.example/",
        "/relative",
        "https://",
        "custom:/x",
        "https://é.example/",
    ],
)
async def test_a_dangerous_redirect_uri_is_not_registered(auth: AuthClient, admin: str, uri: str) -> None:
    body = {"name": "x", "scopes": ["openid"], "redirect_uris": [uri]}
    assert (await auth.send("POST", "/auth/clients", admin, body)).status_code == 422


async def test_a_removed_client_is_out_at_once(app: App, admin: str) -> None:
    tokens = (await app.redeem(await app.code())).json()
    assert (await app.auth.delete(f"/auth/clients/{app.credentials['client_id']}", admin)).status_code == 204
    refresh = await app.auth.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"], **app.credentials)
    assert refresh.json()["error"] == "invalid_client"


async def test_introspection_tells_clients_with_a_secret_what_a_token_is(app: App) -> None:
    tokens = (await app.redeem(await app.code())).json()

    async def introspect(token: str, **credentials: str) -> httpx2.Response:
        return await app.auth.http.post(f"{app.auth.origin}/auth/introspect", data={"token": token, **credentials})

    known = (await introspect(tokens["access_token"], **app.credentials)).json()
    assert (known["active"], known["client_id"]) == (True, app.credentials["client_id"])
    assert (await introspect(tokens["refresh_token"], **app.credentials)).json()["active"] is True
    assert (await introspect("nonsense", **app.credentials)).json() == {"active": False}
    assert (await introspect(tokens["access_token"])).status_code == 401


async def test_revoking_a_refresh_token_ends_its_session_and_only_for_its_client(app: App, admin: str) -> None:
    tokens = (await app.redeem(await app.code())).json()
    url, other = f"{app.auth.origin}/auth/revoke", await register(app.auth, admin)
    refresh = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], **app.credentials}
    foreign = await app.auth.http.post(url, data={"token": tokens["refresh_token"], **other})
    assert foreign.status_code == 200
    tokens = (await app.auth.token(**refresh)).json()
    own = await app.auth.http.post(url, data={"token": tokens["refresh_token"], **app.credentials})
    assert own.status_code == 200
    again = await app.auth.token(**{**refresh, "refresh_token": tokens["refresh_token"]})
    assert again.json()["error"] == "invalid_grant"
    assert (await app.auth.http.post(url, data={"token": "nonsense", **app.credentials})).status_code == 200

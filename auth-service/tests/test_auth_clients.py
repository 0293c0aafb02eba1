"""Apps and service accounts: who may register them, how they prove who they are, and what they get for themselves."""

import base64
from uuid import uuid4

import httpx2
import pytest
from auth_client import AuthClient
from browser import Browser
from oauth_app import OAuthApp, register_app, register_client
from test_auth_tokens import claims

from auth_service.clients.errors import InvalidRedirectUri
from auth_service.clients.redirects import matches, require_redirect_uri

CLIENT_CREDENTIALS = {"grant_type": "client_credentials"}


@pytest.fixture
async def program(auth: AuthClient, admin: str) -> OAuthApp:
    return await register_app(auth, admin, name="Nightly", scopes=["files:read", "files:write"], redirect_uris=[])


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def encoded(text: str) -> str:
    """Every character in its long form, which means the same (RFC 6749 Appendix B)."""
    return "".join(f"%{byte:02x}" for byte in text.encode())


async def test_only_administrators_have_to_do_with_clients(auth: AuthClient, program: OAuthApp) -> None:
    await auth.register()
    body = {"name": "Mine", "scopes": ["files:read"]}
    itself = (await auth.token(**CLIENT_CREDENTIALS, **program.credentials)).json()["access_token"]
    for token, status in ((None, 401), (await auth.access_token(), 403), (itself, 403)):
        for method, path in (
            ("GET", "/auth/clients"),
            ("POST", "/auth/clients"),
            ("DELETE", f"/auth/clients/{program.client_id}"),
            ("POST", f"/auth/clients/{program.client_id}/secret"),
        ):
            assert (await auth.send(method, path, token, body)).status_code == status, (method, path)
    assert (await auth.token(**CLIENT_CREDENTIALS, **program.credentials)).status_code == 200


async def test_a_secret_is_random_and_told_once(auth: AuthClient, admin: str, program: OAuthApp) -> None:
    assert len(base64.urlsafe_b64decode(program.credentials["client_secret"] + "=")) == 32
    listed = await auth.get("/auth/clients", admin)
    assert program.client_id in listed.text
    assert "secret" not in listed.text


async def test_a_renewed_secret_voids_the_old_one(auth: AuthClient, admin: str, program: OAuthApp) -> None:
    renewed = (await auth.send("POST", f"/auth/clients/{program.client_id}/secret", admin)).json()
    assert renewed["client_id"] == program.client_id
    assert renewed["client_secret"] != program.credentials["client_secret"]
    old = await auth.token(**CLIENT_CREDENTIALS, **program.credentials)
    assert (old.status_code, old.json()["error"]) == (401, "invalid_client")
    assert (await auth.token(**CLIENT_CREDENTIALS, **renewed)).status_code == 200
    absent = await auth.send("POST", f"/auth/clients/{uuid4()}/secret", admin)
    assert (absent.status_code, absent.json()["type"].rpartition(":")[2]) == (404, "client-not-found")


async def test_a_public_client_has_no_secret_and_gets_none(auth: AuthClient, admin: str) -> None:
    public = await register_client(auth, admin, public=True, redirect_uris=["com.example.app:/back"])
    assert (public["public"], public["client_secret"]) == (True, None)
    refusal = await auth.send("POST", f"/auth/clients/{public['client_id']}/secret", admin)
    assert (refusal.status_code, refusal.json()["type"].rpartition(":")[2]) == (409, "public-client")
    for_itself = await auth.token(**CLIENT_CREDENTIALS, client_id=public["client_id"])
    assert (for_itself.status_code, for_itself.json()["error"]) == (400, "unauthorized_client")
    made_up = await auth.token(**CLIENT_CREDENTIALS, client_id=public["client_id"], client_secret="made-up")
    assert (made_up.status_code, made_up.json()["error"]) == (401, "invalid_client")


async def test_a_client_authenticates_by_basic_or_in_the_body(auth: AuthClient, program: OAuthApp) -> None:
    client_id, secret = program.client_id, program.credentials["client_secret"]
    url = f"{auth.origin}/auth/token"
    right: list[tuple[dict[str, str], dict[str, str]]] = [
        ({}, program.credentials),
        (basic(client_id, secret), {}),
        (basic(client_id, secret), {"client_id": client_id}),
        (basic(encoded(client_id), encoded(secret)), {}),
        ({"Authorization": basic(client_id, secret)["Authorization"].replace("Basic ", "bAsIc  ")}, {}),
    ]
    for headers, form in right:
        answer = await auth.http.post(url, data={**CLIENT_CREDENTIALS, **form}, headers=headers)
        assert answer.status_code == 200, (headers, form, answer.text)
        assert claims(answer.json()["access_token"])["client_id"] == client_id


async def test_authenticating_in_two_ways_at_once_is_refused(auth: AuthClient, admin: str, program: OAuthApp) -> None:
    other = await register_app(auth, admin, redirect_uris=[])
    secret = program.credentials["client_secret"]
    for form in (program.credentials, {"client_secret": secret}, {"client_id": other.client_id}):
        answer = await auth.http.post(
            f"{auth.origin}/auth/token",
            data={**CLIENT_CREDENTIALS, **form},
            headers=basic(program.client_id, secret),
        )
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), form


async def test_wrong_credentials_are_challenged_and_all_look_the_same(
    auth: AuthClient, admin: str, program: OAuthApp
) -> None:
    client_id, secret = program.client_id, program.credentials["client_secret"]
    other = await register_app(auth, admin, redirect_uris=[])
    wrong: list[tuple[dict[str, str], dict[str, str]]] = [
        (basic(client_id, "wrong"), {}),
        (basic(client_id, ""), {}),
        (basic(client_id, secret + " "), {}),
        (basic(client_id, encoded(secret) + "%00"), {}),
        (basic(client_id, other.credentials["client_secret"]), {}),
        (basic(str(uuid4()), secret), {}),
        (basic("no-uuid", secret), {}),
        (basic("nul\0", secret), {}),
        (basic(client_id.upper(), secret), {}),
        (basic("{" + client_id + "}", secret), {}),
        (basic("strongroom", secret), {}),
        ({"Authorization": "Basic not-base64!"}, {}),
        ({"Authorization": "Basic " + base64.b64encode(client_id.encode()).decode()}, {}),
        ({"Authorization": "Basic " + base64.b64encode(b"\xff:\xff").decode()}, {}),
        ({}, {"client_id": client_id}),
        ({}, {"client_id": client_id, "client_secret": "wrong"}),
        ({}, {"client_id": client_id.replace("-", ""), "client_secret": secret}),
        ({}, {"client_secret": secret}),
    ]
    bodies = set()
    for headers, form in wrong:
        answer = await auth.http.post(f"{auth.origin}/auth/token", data={**CLIENT_CREDENTIALS, **form}, headers=headers)
        assert answer.status_code == 401, (headers, form, answer.text)
        assert answer.headers["www-authenticate"].startswith("Basic realm=")
        assert answer.headers["cache-control"] == "no-store"
        bodies.add(answer.text)
    assert len(bodies) == 1
    assert '"error":"invalid_client"' in bodies.pop()


async def test_a_program_gets_its_own_scopes_narrowed_but_never_widened(auth: AuthClient, program: OAuthApp) -> None:
    everything = (await auth.token(**CLIENT_CREDENTIALS, **program.credentials)).json()
    assert everything["scope"] == "files:read files:write"
    less = (await auth.token(**CLIENT_CREDENTIALS, scope="files:read", **program.credentials)).json()
    assert less.keys() == {"access_token", "token_type", "expires_in", "scope"}  # RFC 6749 §4.4.3: none to refresh
    told = claims(less["access_token"])
    assert told["scope"] == less["scope"] == "files:read"
    assert told["sub"] == told["client_id"] == program.client_id
    assert told["roles"] == []
    assert "sid" not in told
    for more in ("admin", "files:read account", "openid", "FILES:READ", " "):
        refusal = await auth.token(**CLIENT_CREDENTIALS, scope=more, **program.credentials)
        assert (refusal.status_code, refusal.json()["error"]) == (400, "invalid_scope"), more


async def test_a_program_is_not_a_person(auth: AuthClient, admin: str) -> None:
    program = await register_app(auth, admin, scopes=["openid", "account"], redirect_uris=[])
    token = (await auth.token(**CLIENT_CREDENTIALS, **program.credentials)).json()["access_token"]
    for path in ("/auth/profile", "/auth/sessions", "/auth/userinfo"):
        assert (await auth.get(path, token)).status_code == 403, path


async def test_a_service_account_with_the_scope_administers_and_is_named_in_the_audit(
    auth: AuthClient, admin: str
) -> None:
    program = await register_app(auth, admin, scopes=["admin"], redirect_uris=[])
    token = (await auth.token(**CLIENT_CREDENTIALS, **program.credentials)).json()["access_token"]
    made = await register_client(auth, token, name="By a program")
    events = (await auth.get("/auth/audit", admin)).json()["items"]
    (event,) = [one for one in events if one["event"] == "client.registered" and one["client_id"] == made["client_id"]]
    assert event["actor_id"] == program.client_id


async def test_without_a_client_there_are_no_client_credentials(auth: AuthClient) -> None:
    for form in ({}, {"client_id": "strongroom"}):
        answer = await auth.token(**CLIENT_CREDENTIALS, **form)
        assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


async def test_a_removed_client_is_out_with_all_it_opened(auth: AuthClient, admin: str) -> None:
    await auth.register()
    app = await register_app(auth, admin)
    async with httpx2.AsyncClient(trust_env=False, verify=False) as http:
        browser = Browser(http)
        tokens = await app.tokens(browser)
        waiting = await app.code(browser)
        itself = (await auth.token(**CLIENT_CREDENTIALS, scope="files:read", **app.credentials)).json()
        mine = await auth.access_token()
        assert (await auth.delete(f"/auth/clients/{app.client_id}", admin)).status_code == 204
        for refused in (
            await app.refresh(tokens["refresh_token"]),
            await app.redeem(waiting),
            await auth.token(**CLIENT_CREDENTIALS, **app.credentials),
        ):
            assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
        gone = await browser.arrive(app.link())
    assert (gone.status, "location" in gone.answer.headers) == (400, False)
    await auth.refused_soon(tokens["access_token"])
    await auth.refused_soon(itself["access_token"], "/auth/clients")
    listed = (await auth.get("/auth/sessions", mine)).json()
    assert {one["client_id"] for one in listed} == {"strongroom"}
    assert (await auth.delete(f"/auth/clients/{app.client_id}", admin)).status_code == 404


async def test_clients_are_paged(auth: AuthClient, admin: str) -> None:
    made = [(await register_client(auth, admin, name=f"No. {number}"))["client_id"] for number in range(3)]
    first = (await auth.get("/auth/clients?limit=2", admin)).json()
    second = (await auth.get(f"/auth/clients?limit=2&cursor={first['next_cursor']}", admin)).json()
    assert [one["client_id"] for one in first["items"] + second["items"]] == made
    assert second["next_cursor"] is None
    assert (await auth.get("/auth/clients?cursor=nonsense", admin)).status_code == 422


async def test_nonsense_is_not_registered(auth: AuthClient, admin: str) -> None:
    for wanted in (
        {"name": ""},
        {"name": "a\u202eb"},
        {"name": "a\0b"},
        {"scopes": ["two words"]},
        {"scopes": ["é"]},
        {"scopes": ['"']},
        {"redirect_uris": ["https://app.example/back#fragment"]},
    ):
        body = {"name": "App", "scopes": ["openid"], "redirect_uris": [], **wanted}
        assert (await auth.send("POST", "/auth/clients", admin, body)).status_code == 422, wanted


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example/back",
        "https://app.example",
        "https://app.example:8443/back?kept=1",
        "http://127.0.0.1/back",
        "http://127.0.0.1:3000/back",
        "http://[::1]/back",
        "http://localhost:3000/back",
        "com.example.app:/back",
        "com.example.app://back/here",
    ],
)
def test_an_address_that_apps_may_be_sent_back_to(uri: str) -> None:
    require_redirect_uri(uri)
    assert matches(uri, uri)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "/relative",
        "//app.example/back",
        "https://",
        "https:///back",
        "https:app.example",
        "https://app.example/#fragment",
        "https://app.example/#",
        "com.example.app:/back#fragment",
        "http://app.example/back",
        "http://127.0.0.1.evil.example/",
        "http://127.0.0.2/",
        "http://0.0.0.0/",
        "http://evil.example\\@127.0.0.1/",
        "http://localhost.evil.example/",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "custom:/back",
        "ftp://app.example/",
        "https://user@app.example/",
        "https://user:pass@app.example/",
        "https://@app.example/",
        "https://app.example\\.evil.example/",
        "https://app.example;script-src/",
        "https://app.example,evil/",
        "https://*.example/",
        "https://app.example:99999/",
        "https://app.example:port/",
        "https://app.example/back here",
        "https://app.example/back\r\nSet-Cookie:x=1",
        " https://app.example/",
        "https://é.example/",
        "https://app.example/é",
        'https://app.example/"><script>',
        "https://[::1",
    ],
)
def test_an_address_that_no_app_is_sent_back_to(uri: str) -> None:
    with pytest.raises(InvalidRedirectUri):
        require_redirect_uri(uri)


@pytest.mark.parametrize(
    ("requested", "registered"),
    [
        ("http://127.0.0.1:51004/back", "http://127.0.0.1/back"),
        ("http://127.0.0.1/back", "http://127.0.0.1:3000/back"),
        ("http://[::1]:51004/back?x=1", "http://[::1]/back?x=1"),
    ],
)
def test_an_app_on_loopback_may_choose_its_port(requested: str, registered: str) -> None:
    assert matches(requested, registered)


@pytest.mark.parametrize(
    ("requested", "registered"),
    [
        ("https://app.example/back/", "https://app.example/back"),
        ("https://app.example/Back", "https://app.example/back"),
        ("https://APP.example/back", "https://app.example/back"),
        ("https://app.example:443/back", "https://app.example/back"),
        ("https://app.example/back?x=1", "https://app.example/back"),
        ("https://app.example/./back", "https://app.example/back"),
        ("https://app.example/%62ack", "https://app.example/back"),
        ("https://app.example.evil.example/back", "https://app.example/back"),
        ("https://app.example/back\t", "https://app.example/back"),
        ("http://localhost:51004/back", "http://localhost/back"),
        ("http://127.0.0.1:51004/other", "http://127.0.0.1/back"),
        ("http://127.0.0.1:51004/back?x=1", "http://127.0.0.1/back"),
        ("http://127.0.0.1:51004/back#x", "http://127.0.0.1/back"),
        ("https://127.0.0.1:51004/back", "http://127.0.0.1/back"),
        ("http://localhost:51004/back", "http://127.0.0.1/back"),
        ("http://127.0.0.1:51004@evil.example/back", "http://127.0.0.1/back"),
        ("http://user@127.0.0.1:51004/back", "http://127.0.0.1/back"),
        ("http://@127.0.0.1:51004/back", "http://127.0.0.1/back"),
        ("http://127.0.0.1:51004\\@evil.example/back", "http://127.0.0.1/back"),
        ("http://127.0.0.1:99999/back", "http://127.0.0.1/back"),
        ("http://127.0.0.1:x/back", "http://127.0.0.1/back"),
        ("http://127.0.0.1:5\n1/back", "http://127.0.0.1/back"),
        ("com.example.app:/back2", "com.example.app:/back"),
        ("", "https://app.example/back"),
    ],
)
def test_any_other_difference_is_another_address(requested: str, registered: str) -> None:
    assert not matches(requested, registered)

"""The whole stack behind Caddy: another port, https, and a path prefix that is public or that only Caddy knows."""

import base64
import email
import email.policy
import os
import re
import time
from collections.abc import Iterator
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import httpx2
import jwt
import pytest
from app_client import PASSWORD, App
from client_app import REDIRECT, register
from person import Person
from roads import PREFIX, Road, prefixed_road
from stack import ADMIN_EMAIL, ADMIN_PASSWORD

pytestmark = pytest.mark.heavy

MIB = 1024 * 1024
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
# What each of the addresses in the issuer's metadata answers to a plain GET without credentials.
ANSWERS = {
    "jwks_uri": 200,
    "authorization_endpoint": 400,
    "token_endpoint": 405,
    "userinfo_endpoint": 401,
    "revocation_endpoint": 405,
    "introspection_endpoint": 405,
    "service_documentation": 200,
}


@pytest.fixture(scope="module", params=[True, False], ids=["public prefix", "prefix that only Caddy knows"])
def road(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Road]:
    with prefixed_road(tmp_path_factory.mktemp("road"), is_public=request.param) as road:
        yield road


@pytest.fixture
def app(road: Road) -> Iterator[App]:
    with road.app() as app:
        app.sign_up()
        yield app


@pytest.fixture
def stranger(road: Road) -> Iterator[httpx2.Client]:
    """Somebody's browser, signed out, that follows what pages say."""
    page = {"Accept": "text/html"}
    with httpx2.Client(verify=road.trust or True, trust_env=False, timeout=30, headers=page) as http:
        yield http


class _Addresses(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in {"href", "src", "action"} and value]


def addresses_on(page: httpx2.Response) -> list[str]:
    """As a browser at that page understands them."""
    return [urljoin(str(page.url), address) for address in _Addresses(page.text).found]


def test_people_sign_in_and_allow_an_app(road: Road, app: App) -> None:
    with road.app() as admin:
        admin.sign_in(ADMIN_EMAIL, ADMIN_PASSWORD)
        client = register(admin)
    asked = {
        "response_type": "code",
        "client_id": client["client_id"],
        "redirect_uri": REDIRECT,
        "scope": "openid files:read",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    with Person(road.url, app.email, PASSWORD, road.trust) as person:
        back = person.follow(f"{road.url}/auth/authorize?{urlencode(asked)}")
        assert {(cookie.path, cookie.secure) for cookie in person.cookies} == {(f"{PREFIX}/auth", True)}
        assert back.startswith(f"{REDIRECT}?")
        again = person.follow(f"{road.url}/auth/authorize?{urlencode(asked)}&prompt=none")
    told = {name: value for name, (value,) in parse_qs(urlsplit(back).query).items()}
    assert told["iss"] == road.public_url
    assert "code" in parse_qs(urlsplit(again).query)
    form = {
        "grant_type": "authorization_code",
        "code": told["code"],
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
        "client_id": client["client_id"],
        "client_secret": client["client_secret"],
    }
    answer = app.http.post("/auth/token", data=form, headers={"Authorization": ""})
    assert answer.status_code == 200, answer.text
    app.use(answer.json())
    assert app.http.get("/auth/userinfo").json()["sub"]
    assert app.listing() == []


def test_the_console_stays_signed_in_by_a_cookie_for_its_own_path(road: Road, app: App) -> None:
    console = {"client_id": "strongroom-console"}
    form = {**console, "grant_type": "password", "username": app.email, "password": PASSWORD}
    parts = urlsplit(road.url)
    ours = {"Origin": f"{parts.scheme}://{parts.netloc}", "Authorization": ""}
    assert app.http.post("/auth/token", data=form, headers=ours).status_code == 200
    (cookie,) = [one for one in app.http.cookies.jar if "refresh" in one.name]
    assert (cookie.name, cookie.path) == ("__Secure-strongroom_refresh", f"{PREFIX}/auth/token")
    assert cookie.secure
    refreshed = app.http.post("/auth/token", data={**console, "grant_type": "refresh_token"}, headers=ours)
    assert refreshed.status_code == 200, refreshed.text
    other_port = {**ours, "Origin": f"{parts.scheme}://{parts.hostname}:1"}
    refused = app.http.post("/auth/token", data={**console, "grant_type": "refresh_token"}, headers=other_port)
    assert refused.json()["error"] == "invalid_request"


def test_what_is_shared_is_opened_by_somebody_signed_out(road: Road, app: App, stranger: httpx2.Client) -> None:
    content = os.urandom(100_000)
    file = app.upload(content, "photo.bin")
    assert b"".join(app.download(file["id"])) == content
    url = app.http.post(f"/files/{file['id']}/links").json()["url"]
    assert url.startswith(f"{road.url}/s/")
    page = stranger.get(url)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    (download,) = addresses_on(page)
    assert stranger.get(download).content == content
    assert stranger.get(url, headers={"Accept": "*/*"}).content == content

    locked = app.http.post(f"/files/{file['id']}/links", json={"password": "tide-lantern"}).json()["url"]
    form = stranger.get(locked)
    assert "password" in form.text
    assert stranger.post(str(form.url), data={"password": "tide-lantern"}).content == content


def test_an_upload_goes_on_at_its_location_after_a_cut(
    road: Road, app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tusclient.client import TusClient  # only here: it brings `requests`

    assert road.authority is not None
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(road.authority.file))
    content = os.urandom(20 * MIB)
    source = tmp_path / "film"
    source.write_bytes(content)
    with source.open("rb") as stream:
        client = TusClient(f"{road.url}/files/uploads", headers={"Authorization": app.http.headers["Authorization"]})
        metadata = {"filename": "film"}
        uploader = client.uploader(
            file_stream=stream, chunk_size=20 * MIB, metadata=metadata, retries=20, retry_delay=1
        )
        uploader.upload()
    assert road.proxy.cuts == 1
    assert str(uploader.url).startswith(f"{road.url}/files/uploads/")
    (file,) = app.listing()
    assert (file["path"], file["sha256"]) == ("film", sha256(content).hexdigest())


def test_every_address_in_the_metadata_of_the_issuer_answers(road: Road, app: App, stranger: httpx2.Client) -> None:
    token = app.tokens["access_token"]
    assert jwt.decode(token, options={"verify_signature": False})["iss"] == road.public_url
    for name in ("openid-configuration", "oauth-authorization-server"):
        metadata = stranger.get(f"{road.url}/.well-known/{name}").json()
        assert metadata["issuer"] == road.public_url
        told = {key: value for key, value in metadata.items() if str(value).startswith("http") and key != "issuer"}
        assert {key: stranger.get(address).status_code for key, address in told.items()} == ANSWERS
        assert stranger.get(f"{metadata['issuer']}/.well-known/{name}").json() == metadata
        keys = stranger.get(metadata["jwks_uri"]).json()["keys"]
        assert jwt.get_unverified_header(token)["kid"] in {key["kid"] for key in keys}


def test_the_documentation_is_whole(road: Road, stranger: httpx2.Client) -> None:
    page = stranger.get(f"{road.url}/docs")
    assert page.status_code == 200
    parts = addresses_on(page)
    assert parts
    assert all(address.startswith(f"{road.url}/docs/") for address in parts)
    assert {stranger.get(address).status_code for address in parts} == {200}
    document = stranger.get(urljoin(str(page.url), "openapi.json")).json()
    (server,) = document["servers"]
    assert stranger.get(f"{urljoin(str(page.url), server['url'])}/health").status_code == 200


def test_a_link_in_a_mail_leads_to_a_page_that_works(road: Road, app: App, stranger: httpx2.Client) -> None:
    link = re.search(r"^\S+/auth/\S+\?token=\S+$", _mail(road, app.email), re.MULTILINE)
    assert link is not None
    assert link[0].startswith(f"{road.public_url}/auth/")
    page = stranger.get(link[0])
    assert page.status_code == 200
    style, action = addresses_on(page)
    assert stranger.get(style).status_code == 200
    token = parse_qs(urlsplit(link[0]).query)["token"][0]
    done = stranger.post(action, data={"token": token})
    assert done.status_code == 200
    assert "is confirmed" in done.text
    assert app.http.get("/auth/profile").json()["email_verified"] is True


def _mail(road: Road, to: str) -> str:
    """The text of the one that they got, once it is there."""
    until = time.monotonic() + 20
    while True:
        for file in (road.stack.data / "mail").glob("*.eml"):
            message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            if message["To"] == to:
                return str(message.get_content()).replace("\r\n", "\n")
        assert time.monotonic() < until, "no mail has come"
        time.sleep(0.05)  # files tell nobody

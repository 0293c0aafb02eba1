"""No token but a genuine one opens anything, whichever door it is tried at."""

import base64
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
from app_client import PASSWORD, App
from client_app import REDIRECT, register
from forged_tokens import forgeries
from garbled_tokens import garbled
from genuine_token import Genuine
from misissued_tokens import Misissuer, key_of
from person import Person
from second_file_service import origin_of
from stack import Stack

DESCRIPTIONS = {
    "invalid-token": "The access token is not valid",
    "expired-token": "The access token expired",
    "revoked-token": "The access token was revoked",
}
CONTENT = b"only Ada's"


@dataclass(frozen=True)
class Doors:
    """Where tokens are judged: the gateway, and the services behind it where we can get at them. `file_id` is Ada's."""

    addresses: tuple[str, ...]
    file_id: str
    http: httpx2.Client

    def ask(self, address: str, token: str) -> httpx2.Response:
        # Bytes, since clients refuse to send what is not ASCII.
        return self.http.get(address, headers={b"Authorization": b"Bearer " + token.encode()})

    def refuse(self, tokens: Mapping[str, str], slug: str = "invalid-token") -> None:
        challenge = f'Bearer error="invalid_token", error_description="{DESCRIPTIONS[slug]}"'
        for wrong, token in tokens.items():
            for address in self.addresses:
                answer = self.ask(address, token)
                told = (answer.status_code, answer.json().get("type"), answer.headers.get("www-authenticate"))
                assert told == (401, f"urn:problem-type:strongroom:{slug}", challenge), (wrong, address)
                assert answer.headers["content-type"] == "application/problem+json", (wrong, address)

    def admit(self, token: str) -> None:
        """What all the others are refused is there to be had."""
        for address in self.addresses:
            assert self.ask(address, token).status_code == 200, address


@pytest.fixture
def doors(app: App, url: str, request: pytest.FixtureRequest) -> Iterator[Doors]:
    """Those of an installation elsewhere are the gateway's alone."""
    file_id = app.upload(CONTENT, "hers.txt")["id"]
    auth, files = [url], [url]
    if "STRONGROOM_URL" not in os.environ:
        stack = request.getfixturevalue("embedded")
        auth.append(origin_of(stack, "auth_service"))
        files.append(origin_of(stack, "file_service"))
    addresses = [f"{origin}/auth/profile" for origin in auth]
    addresses += [f"{origin}/files/{file_id}/download" for origin in files]
    with httpx2.Client(timeout=60, trust_env=False) as http:
        found = Doors(tuple(addresses), file_id, http)
        found.admit(app.tokens["access_token"])
        yield found
        found.admit(app.tokens["access_token"])  # it was not the file that was missing, nor the person


@pytest.fixture
def genuine(app: App) -> Genuine:
    token = app.tokens["access_token"]
    kid = Genuine(token, {}).header["kid"]
    published = app.http.get("/.well-known/jwks.json").json()["keys"]
    return Genuine(token, next(key for key in published if key["kid"] == kid))


def test_what_was_signed_with_another_key_opens_nothing(doors: Doors, genuine: Genuine) -> None:
    doors.refuse(forgeries(genuine))


def test_the_pieces_of_a_good_token_open_nothing(doors: Doors, genuine: Genuine) -> None:
    doors.refuse(garbled(genuine))


def test_not_even_the_issuers_signature_makes_a_wrong_token_right(doors: Doors, genuine: Genuine, stack: Stack) -> None:
    misissuer = Misissuer(genuine, key_of(stack, genuine.header["kid"]))
    doors.admit(misissuer.with_claims())  # so each of the others is refused for what is wrong with it
    doors.refuse(misissuer.expired(), "expired-token")
    doors.refuse(misissuer.for_somebody_else())
    doors.refuse(misissuer.malformed())
    doors.refuse(misissuer.oddly_headed())


@pytest.fixture
def stack(request: pytest.FixtureRequest) -> Stack:
    if "STRONGROOM_URL" in os.environ:
        pytest.skip("the private key of an installation is its operator's alone")
    found = request.getfixturevalue("embedded")
    assert isinstance(found, Stack)
    return found


def test_other_tokens_of_ours_are_no_access_tokens(doors: Doors, app: App, admin: App, url: str) -> None:
    given = _tokens_for_an_app(app, admin, url)
    doors.admit(given["access_token"])
    others = {name: given[name] for name in ("id_token", "refresh_token")}
    others["client secret"] = given["client_secret"]
    others["cursor"] = base64.urlsafe_b64encode(b'["01a20f6c-e4fa-76e3-be63-e0b65c01e5a3"]').decode().rstrip("=")
    doors.refuse(others)


def _tokens_for_an_app(app: App, admin: App, url: str) -> dict[str, str]:
    """As an app gets them that Ada signs in to."""
    client = register(admin, scopes=["openid", "account", "files:read"])
    verifier = "v" * 43
    challenge = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    known = {"client_id": client["client_id"], "redirect_uri": REDIRECT}
    asked = {"response_type": "code", "code_challenge": challenge, "code_challenge_method": "S256", **known}
    with Person(url, app.email, PASSWORD) as person:
        back = person.follow(f"{url}/auth/authorize?{urlencode(asked)}")
    form = {"grant_type": "authorization_code", "code_verifier": verifier, "client_secret": client["client_secret"]}
    form |= {"code": parse_qs(urlsplit(back).query)["code"][0], **known}
    answer = httpx2.post(f"{url}/auth/token", data=form, trust_env=False)
    assert answer.status_code == 200, answer.text
    return {**answer.json(), "client_secret": client["client_secret"]}


def test_a_revoked_token_opens_nothing_any_more(doors: Doors, app: App, url: str) -> None:
    with App(url) as elsewhere:
        elsewhere.sign_in(app.email, PASSWORD)
        token = elsewhere.tokens["access_token"]
        doors.admit(token)
        assert elsewhere.http.post("/auth/revoke", data={"token": token}).status_code == 200
    _until_refused(doors, token)
    doors.refuse({"revoked": token}, "revoked-token")


def _until_refused(doors: Doors, token: str) -> None:
    """Verifiers hear of it by their feed, soon; each request takes a part of that."""
    left = list(doors.addresses)
    for _ in range(20_000):
        left = [address for address in left if doors.ask(address, token).status_code == 200]
        if not left:
            return
    raise AssertionError(f"still admitted: {left}")


def test_nothing_is_stored_with_a_forged_token(doors: Doors, genuine: Genuine, app: App) -> None:
    before = app.listing()
    for wrong, token in forgeries(genuine).items():
        headers = {b"Authorization": b"Bearer " + token.encode(), b"Content-Type": b"text/plain"}
        url = str(app.http.base_url)
        answer = doors.http.put(f"{url}/files/raw/hers.txt", content=b"mine", headers=headers)
        assert answer.status_code == 401, wrong
    assert app.listing() == before
    assert b"".join(app.download(doors.file_id)) == CONTENT

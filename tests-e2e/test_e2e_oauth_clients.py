"""Client libraries that others wrote work with Strongroom as they are, and see what is wrong where something is."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from app_client import PASSWORD, App
from authlib.integrations.requests_client import OAuth2Session
from authlib_app import AuthlibApp
from client_app import PROGRAM_SCOPE, REDIRECT, SCOPE, ClientApp, Registration, register
from person import Person
from requests_oauthlib_app import RequestsOAuthlibApp

pytestmark = pytest.mark.heavy


def told(back: str) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs(urlsplit(back).query).items()}


def altered(back: str, **changes: str) -> str:
    return f"{REDIRECT}?{urlencode({**told(back), **changes})}"


@pytest.fixture
def registration(admin: App) -> Registration:
    client = register(admin)
    return Registration(client["client_id"], client["client_secret"], REDIRECT)


@pytest.fixture
def person(app: App, url: str) -> Iterator[Person]:
    with Person(url, app.email, PASSWORD) as somebody:
        yield somebody


@pytest.fixture(params=[AuthlibApp, RequestsOAuthlibApp])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> type[ClientApp]:
    """Both insist on https, and name these ways to try things out on one's own machine."""
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    kind: type[ClientApp] = request.param
    return kind


@pytest.fixture
def client(library: type[ClientApp], url: str, registration: Registration) -> Iterator[ClientApp]:
    opened = library(url, registration)
    yield opened
    opened.close()


def test_a_person_signs_in_and_the_library_finds_the_answer_right(
    client: ClientApp, person: Person, app: App, url: str
) -> None:
    user = app.http.get("/auth/profile").json()
    tokens = client.redeem(person.follow(client.link()))
    assert tokens["expires_in"] > 0
    identity = client.identity(tokens["id_token"])
    assert (identity["sub"], identity["nonce"], identity["iss"]) == (user["id"], client.nonce, url)
    assert client.get(client.metadata["userinfo_endpoint"]) == {
        "sub": user["id"],
        "name": "Ada",
        "email": app.email,
        "email_verified": False,
    }
    assert client.get(f"{url}/files")["items"] == []


def test_a_refresh_carries_on_with_new_tokens(client: ClientApp, person: Person) -> None:
    first = client.redeem(person.follow(client.link()))
    second = client.refresh(first["refresh_token"])
    assert second["access_token"] != first["access_token"]
    assert second["refresh_token"] != first["refresh_token"]
    about = client.introspect(second["access_token"])
    assert (about["active"], set(about["scope"].split())) == (True, set(SCOPE.split()))
    assert client.get(client.metadata["userinfo_endpoint"])["sub"] == about["sub"]


def test_a_program_gets_a_token_for_itself(client: ClientApp, registration: Registration) -> None:
    tokens = client.program_token()
    assert "refresh_token" not in tokens
    about = client.introspect(tokens["access_token"])
    assert about["active"] is True
    assert about["sub"] == about["client_id"] == registration.client_id
    assert about["scope"] == PROGRAM_SCOPE


def test_what_is_revoked_is_inactive_and_refreshes_nothing(client: ClientApp, person: Person) -> None:
    tokens = client.redeem(person.follow(client.link()))
    assert client.introspect(tokens["refresh_token"])["active"] is True
    client.revoke(tokens["refresh_token"])
    assert client.introspect(tokens["refresh_token"]) == {"active": False}
    with pytest.raises(client.refusal) as refused:
        client.refresh(tokens["refresh_token"])
    assert refused.value.error == "invalid_grant"


def test_a_code_is_good_once_and_its_second_use_ends_what_the_first_began(client: ClientApp, person: Person) -> None:
    back = person.follow(client.link())
    tokens = client.redeem(back)
    with pytest.raises(client.refusal) as refused:
        client.redeem(back)
    assert refused.value.error == "invalid_grant"
    assert client.introspect(tokens["refresh_token"]) == {"active": False}


def test_a_code_is_worth_nothing_to_who_has_another_verifier(
    client: ClientApp, library: type[ClientApp], url: str, registration: Registration, person: Person
) -> None:
    thief = library(url, registration)
    thief.link()
    with pytest.raises(client.refusal) as refused:
        thief.redeem_code(told(person.follow(client.link()))["code"])
    thief.close()
    assert refused.value.error == "invalid_grant"


def test_the_library_notices_another_state_and_sends_nothing(client: ClientApp, person: Person) -> None:
    back = person.follow(client.link())
    with pytest.raises(client.refusal) as noticed:
        client.redeem(altered(back, state="another"))
    assert noticed.value.error == "mismatching_state"
    assert client.redeem(back)["access_token"]


def test_an_id_token_is_for_one_app_and_sealed(
    client: ClientApp, library: type[ClientApp], url: str, registration: Registration, person: Person
) -> None:
    id_token = client.redeem(person.follow(client.link()))["id_token"]
    other = library(url, replace(registration, client_id="another"))
    other.nonce = client.nonce
    with pytest.raises(client.forgery):
        other.identity(id_token)
    other.close()
    head, body, signature = id_token.split(".")
    with pytest.raises(client.forgery):
        client.identity(f"{head}.{body[:-8]}AAAAAAAA.{signature}")
    assert client.identity(id_token)["aud"] == registration.client_id


@pytest.mark.parametrize("library", [AuthlibApp], indirect=True)
def test_an_id_token_is_for_one_sign_in(client: ClientApp, person: Person) -> None:
    id_token = client.redeem(person.follow(client.link()))["id_token"]
    client.nonce = "another"
    with pytest.raises(client.forgery, match="nonce"):
        client.identity(id_token)


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none"])
def test_a_client_proves_itself_in_every_way_that_is_announced(
    admin: App, person: Person, url: str, method: str
) -> None:
    known = register(admin, public=method == "none")
    with OAuth2Session(
        known["client_id"],
        known["client_secret"],
        token_endpoint_auth_method=method,
        revocation_endpoint_auth_method=method,
        scope=SCOPE,
        redirect_uri=REDIRECT,
        code_challenge_method="S256",
    ) as session:
        session.trust_env = False
        metadata = session.get(f"{url}/.well-known/openid-configuration", withhold_token=True).json()
        assert method in metadata["token_endpoint_auth_methods_supported"]
        assert method in metadata["revocation_endpoint_auth_methods_supported"]
        verifier = "v" * 43
        link, state = session.create_authorization_url(metadata["authorization_endpoint"], code_verifier=verifier)
        back = person.follow(link)
        tokens = session.fetch_token(
            metadata["token_endpoint"], authorization_response=back, state=state, code_verifier=verifier
        )
        session.revoke_token(metadata["revocation_endpoint"], tokens["refresh_token"]).raise_for_status()

"""Seeing and ending sessions: one's own, all of them, and nobody else's."""

from uuid import uuid4

import httpx2
import pytest
from auth_client import ADMIN, PASSWORD, AuthClient
from browser import Browser
from oauth_app import register_app
from test_auth_tokens import claims

from strongroom.revoked import LONGEST_GRANT

Two = tuple[dict[str, str], dict[str, str]]


async def refreshed(auth: AuthClient, tokens: dict[str, str]) -> httpx2.Response:
    return await auth.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])


@pytest.fixture
async def two(auth: AuthClient) -> Two:
    """The same person, signed in twice."""
    await auth.register()
    return (await auth.sign_in()).json(), (await auth.sign_in()).json()


async def test_sessions_tell_device_address_and_which_is_the_current_one(auth: AuthClient) -> None:
    await auth.register()
    form = {"grant_type": "password", "username": "ada@example.com", "password": PASSWORD}
    tokens = (await auth.http.post(f"{auth.origin}/auth/token", data=form, headers={"User-Agent": "Phone/1"})).json()
    other = (await auth.sign_in()).json()
    listed = (await auth.get("/auth/sessions", tokens["access_token"])).json()
    assert [one["current"] for one in listed] == [False, True]
    assert listed[1]["id"] == claims(tokens["access_token"])["sid"]
    assert listed[1]["user_agent"] == "Phone/1"
    assert listed[1]["address"] == "127.0.0.1"
    assert listed[0]["id"] == claims(other["access_token"])["sid"]


async def test_an_ended_session_is_refused_at_once_and_cannot_be_refreshed(auth: AuthClient, two: Two) -> None:
    first, second = two
    sid = claims(second["access_token"])["sid"]
    assert (await auth.delete(f"/auth/sessions/{sid}", first["access_token"])).status_code == 204
    refusal = await refreshed(auth, second)
    assert refusal.json()["error"] == "invalid_grant"
    assert (await auth.get("/auth/profile", first["access_token"])).status_code == 200
    assert [one["current"] for one in (await auth.get("/auth/sessions", first["access_token"])).json()] == [True]
    assert (await auth.delete(f"/auth/sessions/{sid}", first["access_token"])).status_code == 404


async def test_an_ended_session_is_told_of_for_as_long_as_what_was_given_out_in_its_name(
    auth: AuthClient, two: Two
) -> None:
    first, second = two
    sid = claims(second["access_token"])["sid"]
    await auth.delete(f"/auth/sessions/{sid}", first["access_token"])
    (told,) = (await auth.http.get(f"{auth.origin}/auth/revocations", params={"after": 0})).json()["items"]
    assert told["id"] == sid
    assert told["expires_at"] - told["revoked_at"] > LONGEST_GRANT


async def test_ending_all_ends_this_one_too(auth: AuthClient, two: Two) -> None:
    first, second = two
    assert (await auth.delete("/auth/sessions", first["access_token"])).status_code == 204
    for tokens in (first, second):
        assert (await refreshed(auth, tokens)).status_code == 400


async def test_ending_all_signs_out_of_the_pages_too_and_voids_the_codes_they_gave(auth: AuthClient) -> None:
    await auth.register()
    app = await register_app(auth, await auth.access_token(**ADMIN))
    async with httpx2.AsyncClient(trust_env=False, verify=False) as http:
        browser = Browser(http)
        waiting = await app.code(browser)
        assert (await auth.delete("/auth/sessions", await auth.access_token())).status_code == 204
        assert (await browser.arrive(app.link())).asks_for_password
    assert (await app.redeem(waiting)).json()["error"] == "invalid_grant"


async def test_somebody_elses_session_is_like_one_that_never_was(auth: AuthClient, two: Two) -> None:
    await auth.register(email="eve@example.com")
    eve = await auth.access_token(username="eve@example.com")
    theirs = await auth.delete(f"/auth/sessions/{claims(two[0]['access_token'])['sid']}", eve)
    absent = await auth.delete(f"/auth/sessions/{uuid4()}", eve)
    assert theirs.status_code == absent.status_code == 404
    assert theirs.json() == absent.json()
    assert (await refreshed(auth, two[0])).status_code == 200


async def test_a_token_without_the_scope_account_changes_nothing(auth: AuthClient) -> None:
    await auth.register()
    narrow = await auth.access_token(scope="files:read")
    for method, path, body in (
        ("GET", "/auth/sessions", None),
        ("DELETE", "/auth/sessions", None),
        ("DELETE", "/auth/profile", None),
        ("PATCH", "/auth/profile", {"name": "x"}),
        ("POST", "/auth/profile/password", {"current_password": PASSWORD, "new_password": "another-strong-one-77"}),
    ):
        assert (await auth.send(method, path, narrow, body)).status_code == 403, path
    assert (await auth.get("/auth/profile", narrow)).status_code == 200

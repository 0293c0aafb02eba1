"""The token endpoint: what it grants, what it refuses, and that it tells nobody why."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import bcrypt
import pytest
from auth_client import PASSWORD, AuthClient
from auth_clock import Clock

from auth_service.sessions.device import Device
from auth_service.sessions.service import OpenSession, Sessions
from auth_service.settings import AuthSettings
from strongroom.database import Database


def claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))))


async def test_a_password_is_good_for_an_rfc_9068_token(auth: AuthClient) -> None:
    user = (await auth.register()).json()
    answer = await auth.sign_in()
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert body.keys() == {"access_token", "token_type", "expires_in", "refresh_token", "scope"}
    assert body["token_type"] == "bearer"
    assert body["expires_in"] == 900
    told = claims(body["access_token"])
    assert told["iss"] == "http://strongroom.test"
    assert told["aud"] == "strongroom"
    assert told["sub"] == user["id"]
    assert 899 < told["exp"] - told["iat"] <= 900
    assert told["scope"] == body["scope"]
    assert told["roles"] == ["user"]
    assert told.keys() == {"iss", "aud", "sub", "exp", "iat", "jti", "client_id", "scope", "roles", "sid"}


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password", "username": "ada@example.com"}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "magic"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "made-up"}, "invalid_grant"),
        ({"grant_type": "password", "username": "a\0b", "password": "x"}, "invalid_request"),
    ],
)
async def test_refusals_are_rfc_6749_bodies(auth: AuthClient, form: dict[str, str], error: str) -> None:
    answer = await auth.token(**form)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["error"] == error


async def test_a_repeated_parameter_is_refused(auth: AuthClient) -> None:
    answer = await auth.http.post(
        f"{auth.origin}/auth/token",
        content="grant_type=password&grant_type=password&username=a&password=b",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.json()["error"] == "invalid_request"


async def test_json_is_not_a_form(auth: AuthClient) -> None:
    answer = await auth.http.post(f"{auth.origin}/auth/token", json={"grant_type": "password"})
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"


async def test_a_hash_from_elsewhere_is_upgraded_at_sign_in(auth: AuthClient, settings: AuthSettings) -> None:
    await auth.register()
    old = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    database = Database(settings.database_url.get_secret_value())
    async with database.begin() as tx:
        await tx.exec_driver_sql("update auth.accounts set password_hash = $1 where email = 'ada@example.com'", (old,))
    assert (await auth.sign_in()).status_code == 200
    async with database.reading() as connection:
        query = "select password_hash from auth.accounts where email = 'ada@example.com'"
        stored = (await connection.exec_driver_sql(query)).scalar_one()
    await database.aclose()
    assert stored.startswith("$bcrypt-sha256$")
    assert (await auth.sign_in()).status_code == 200


async def test_a_refresh_token_carries_the_session_on(auth: AuthClient) -> None:
    await auth.register()
    first = (await auth.sign_in()).json()
    answer = await auth.token(grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert answer.status_code == 200
    second = answer.json()
    assert second["refresh_token"] != first["refresh_token"]
    before, after = claims(first["access_token"]), claims(second["access_token"])
    assert (before["sid"], before["sub"], before["scope"]) == (after["sid"], after["sub"], after["scope"])
    assert before["jti"] != after["jti"]


async def test_of_200_uses_of_one_refresh_token_at_once_one_successor_lives(
    auth: AuthClient, settings: AuthSettings
) -> None:
    await auth.register()
    token = (await auth.sign_in()).json()["refresh_token"]
    answers = await asyncio.gather(*(auth.token(grant_type="refresh_token", refresh_token=token) for _ in range(200)))
    assert {answer.status_code for answer in answers} == {200}
    (successor,) = {answer.json()["refresh_token"] for answer in answers}
    database = Database(settings.database_url.get_secret_value())
    async with database.reading() as connection:
        families = "select array_agg(spent_at is null order by expires_at) from auth.refresh_tokens group by session_id"
        assert (await connection.exec_driver_sql(families)).scalars().all() == [[False, True]]
    await database.aclose()
    assert (await auth.token(grant_type="refresh_token", refresh_token=successor)).status_code == 200


@pytest.fixture
async def sessions(auth: AuthClient, settings: AuthSettings, clock: Clock) -> AsyncIterator[Sessions]:
    """The service itself, for what only time shows; `auth` has made its account."""
    database = Database(settings.database_url.get_secret_value())
    yield Sessions(
        database,
        b"k" * 32,
        idle=timedelta(days=30),
        lifetime=timedelta(days=90),
        token_lifetime=timedelta(minutes=15),
        clock=clock,
    )
    await database.aclose()


@pytest.fixture
async def opened(auth: AuthClient, sessions: Sessions) -> OpenSession:
    user = UUID((await auth.register()).json()["id"])
    async with sessions._database.reading() as connection:
        hashed = "select password_hash from auth.accounts where id = $1"
        proved = (await connection.exec_driver_sql(hashed, (user,))).scalar_one()
    session = await sessions.open(user, proved, client_id="app", registered=None, scope="a", device=Device(None, None))
    assert session is not None
    return session


async def test_two_tabs_within_ten_seconds_get_the_same_successor(
    sessions: Sessions, opened: OpenSession, clock: Clock
) -> None:
    first = await sessions.refresh(opened.refresh_token, client_id="app")
    clock.advance(seconds=10)
    second = await sessions.refresh(opened.refresh_token, client_id="app")
    assert first is not None
    assert second is not None
    assert first.refresh_token == second.refresh_token


async def test_a_replay_after_ten_seconds_ends_the_family(
    sessions: Sessions, opened: OpenSession, clock: Clock
) -> None:
    successor = await sessions.refresh(opened.refresh_token, client_id="app")
    clock.advance(seconds=10.1)
    assert successor is not None
    assert await sessions.refresh(opened.refresh_token, client_id="app") is None
    assert await sessions.refresh(successor.refresh_token, client_id="app") is None


async def test_of_200_replays_at_once_nothing_lives(sessions: Sessions, opened: OpenSession, clock: Clock) -> None:
    successor = await sessions.refresh(opened.refresh_token, client_id="app")
    clock.advance(seconds=10.1)
    assert successor is not None
    replays = [sessions.refresh(opened.refresh_token, client_id="app") for _ in range(199)]
    honest = sessions.refresh(successor.refresh_token, client_id="app")
    *replayed, last = await asyncio.gather(*replays, honest)
    assert replayed == [None] * 199
    for left in (successor, last):
        assert left is None or await sessions.refresh(left.refresh_token, client_id="app") is None


async def test_another_client_cannot_use_a_refresh_token_and_ends_it(sessions: Sessions, opened: OpenSession) -> None:
    assert await sessions.refresh(opened.refresh_token, client_id="thief") is None
    assert await sessions.refresh(opened.refresh_token, client_id="app") is None


async def test_a_session_ends_when_it_is_idle_for_so_long(
    sessions: Sessions, opened: OpenSession, clock: Clock
) -> None:
    clock.advance(days=30, seconds=-1)
    used = await sessions.refresh(opened.refresh_token, client_id="app")
    assert used is not None
    clock.advance(days=30)
    assert await sessions.refresh(used.refresh_token, client_id="app") is None


async def test_a_session_ends_at_its_lifetime_however_busy(
    sessions: Sessions, opened: OpenSession, clock: Clock
) -> None:
    token = opened.refresh_token
    for _ in range(4):
        clock.advance(days=20)
        next_one = await sessions.refresh(token, client_id="app")
        assert next_one is not None
        token = next_one.refresh_token
    clock.advance(days=10, seconds=-1)
    last = await sessions.refresh(token, client_id="app")
    assert last is not None
    clock.advance(seconds=1)
    assert await sessions.refresh(last.refresh_token, client_id="app") is None

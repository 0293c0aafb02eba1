"""Guessing passwords: slowed down for the guesser, not for the owner, and told nothing."""

import time
from collections.abc import Awaitable, Callable

import httpx2
import pytest
from auth_client import ADMIN, PASSWORD, AuthClient
from starlette.types import ASGIApp

from auth_service.app import create_app
from auth_service.settings import AuthSettings
from strongroom.database import Database

ROUNDS = 12


async def guess(auth: AuthClient, times: int, username: str = "ada@example.com") -> list[httpx2.Response]:
    answers = []
    for number in range(times):
        auth.http.cookies.clear()
        answers.append(await auth.sign_in(username=username, password=f"guess number {number}"))
    return answers


async def test_after_five_guesses_the_right_password_is_no_use_either(auth: AuthClient) -> None:
    await auth.register()
    assert [answer.status_code for answer in await guess(auth, 7)] == [400] * 5 + [429] * 2
    refused = await auth.sign_in()
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1


async def test_unknown_wrong_disabled_and_throttled_have_one_body(auth: AuthClient) -> None:
    names = ["ada@example.com", "disabled@example.com", "nobody@example.com", "no address at all"]
    await auth.register()
    disabled = (await auth.register(email=names[1])).json()["id"]
    await auth.send("PATCH", f"/auth/users/{disabled}", await auth.access_token(**ADMIN), {"disabled": True})
    guesses = [await guess(auth, 7, name) for name in names]
    shapes = [[(answer.status_code, sorted(answer.headers)) for answer in answers] for answers in guesses]
    assert shapes == [shapes[0]] * 4
    assert [status for status, _ in shapes[0]] == [400] * 5 + [429] * 2
    right = [await auth.sign_in(username=name) for name in names[:2]]
    assert len({answer.text for answers in (*guesses, right) for answer in answers}) == 1


async def test_a_known_device_gets_in_while_a_stranger_is_slowed(auth: AuthClient, settings: AuthSettings) -> None:
    await auth.register()
    await auth.sign_in()
    cookie = auth.http.cookies["strongroom_device"]
    # The stranger comes from the owner's own address here, which is a known one; so its memory is wiped.
    database = Database(settings.database_url.get_secret_value())
    async with database.begin() as tx:
        await tx.exec_driver_sql("update auth.sessions set address = '192.0.2.7'")
    await database.aclose()
    assert (await guess(auth, 6))[-1].status_code == 429
    assert (await auth.sign_in()).status_code == 429
    auth.http.cookies.set("strongroom_device", cookie, domain="127.0.0.1")
    assert (await auth.sign_in()).status_code == 200


async def test_a_made_up_device_cookie_is_a_strangers(auth: AuthClient) -> None:
    await auth.register()
    await guess(auth, 5)
    for cookie in ("", "x", "x.y", "a.b.c", "é.é"):
        headers = {b"Cookie": f"strongroom_device={cookie}".encode()}
        form = {"grant_type": "password", "username": "ada@example.com", "password": PASSWORD}
        answer = await auth.http.post(f"{auth.origin}/auth/token", data=form, headers=headers)
        assert answer.status_code == 429, cookie


async def test_a_success_clears_the_count(auth: AuthClient) -> None:
    await auth.register()
    for _ in range(3):
        assert [answer.status_code for answer in await guess(auth, 4)] == [400] * 4
        assert (await auth.sign_in()).status_code == 200


@pytest.fixture
def slow_settings(settings: AuthSettings) -> AuthSettings:
    return settings.model_copy(update={"bcrypt_rounds": 10})


async def test_unknown_wrong_and_throttled_take_the_same_time(
    slow_settings: AuthSettings, serve: Callable[[ASGIApp], Awaitable[str]], http: httpx2.AsyncClient
) -> None:
    auth = AuthClient(http, await serve(create_app(slow_settings)))
    for number in range(ROUNDS):
        for name in ("wrong", "throttled"):
            await auth.register(email=f"{name}{number}@example.com")
        for name in ("throttled", "throttled-nobody"):
            await guess(auth, 1, f"{name}{number}@example.com")
    database = Database(slow_settings.database_url.get_secret_value())
    async with database.begin() as tx:
        await tx.exec_driver_sql("update auth.attempts set blocked_until = now() + interval '1 hour'")
    await database.aclose()
    kinds = {"wrong": 400, "nobody": 400, "throttled": 429, "throttled-nobody": 429}
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    for number in range(ROUNDS):
        for kind, status in kinds.items():
            started = time.perf_counter()
            (answer,) = await guess(auth, 1, f"{kind}{number}@example.com")
            times[kind].append(time.perf_counter() - started)
            assert answer.status_code == status, kind
    least = [min(taken) for taken in times.values()]  # what the machine does besides is in all the others
    assert max(least) / min(least) < 2  # without a bcrypt it would be a hundred

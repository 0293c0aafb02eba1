"""Guessing passwords: slowed down for the guesser, not for the owner, and told nothing."""

import statistics
import time
from collections.abc import Awaitable, Callable

import httpx2
import pytest
from auth_client import PASSWORD, AuthClient
from starlette.types import ASGIApp

from auth_service.app import create_app
from auth_service.settings import AuthSettings
from strongroom.database import Database


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


async def test_unknown_wrong_and_throttled_have_one_body(auth: AuthClient) -> None:
    await auth.register()
    known, unknown = await guess(auth, 7), await guess(auth, 7, "nobody@example.com")
    assert [answer.status_code for answer in known] == [answer.status_code for answer in unknown]
    assert len({answer.text for answer in known + unknown}) == 1


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


async def test_the_device_cookie_is_out_of_reach_of_scripts(auth: AuthClient) -> None:
    await auth.register()
    cookie = (await auth.sign_in()).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Path=/auth" in cookie


async def test_a_success_clears_the_count(auth: AuthClient) -> None:
    await auth.register()
    for _ in range(3):
        assert [answer.status_code for answer in await guess(auth, 4)] == [400] * 4
        assert (await auth.sign_in()).status_code == 200


@pytest.fixture
def slow_settings(settings: AuthSettings) -> AuthSettings:
    return settings.model_copy(update={"bcrypt_rounds": 10})


async def test_unknown_and_wrong_take_the_same_time(
    slow_settings: AuthSettings, serve: Callable[[ASGIApp], Awaitable[str]], http: httpx2.AsyncClient
) -> None:
    auth = AuthClient(http, await serve(create_app(slow_settings)))
    for number in range(12):
        await auth.register(email=f"user{number}@example.com")
    wrong: list[float] = []
    unknown: list[float] = []
    for number in range(12):
        for times, name in ((wrong, f"user{number}"), (unknown, f"nobody{number}")):
            started = time.perf_counter()
            await auth.sign_in(username=f"{name}@example.com", password="not the right one")
            times.append(time.perf_counter() - started)
    ratio = statistics.median(wrong) / statistics.median(unknown)
    assert 0.7 < ratio < 1.4

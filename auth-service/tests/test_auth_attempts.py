"""Guessing gets slower and slower, for everybody who guesses at the same thing and for nobody else."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from auth_clock import Clock

from strongroom.database import Database
from strongroom.database.attempts import Attempts, Limit, TooManyAttempts


@pytest.fixture
async def attempts(database_url: str, clock: Clock) -> AsyncIterator[Attempts]:
    database = Database(database_url)
    yield Attempts(database, "auth", b"k" * 32, clock=clock)
    await database.aclose()


async def wait_after(attempts: Attempts) -> int:
    with pytest.raises(TooManyAttempts) as refusal:
        await attempts.begin("password", "ada")
    assert refusal.value.headers["Retry-After"] == str(refusal.value.retry_after)
    return refusal.value.retry_after


async def test_five_guesses_are_free_and_then_the_wait_doubles(attempts: Attempts, clock: Clock) -> None:
    for _ in range(5):
        await attempts.begin("password", "ada")
    for expected in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900):
        assert await wait_after(attempts) == expected
        assert await wait_after(attempts) == expected  # knocking on does not make it longer
        clock.now += timedelta(seconds=expected)
        await attempts.begin("password", "ada")


async def test_guesses_at_something_else_are_not_slowed(attempts: Attempts) -> None:
    for _ in range(5):
        await attempts.begin("password", "ada")
    await wait_after(attempts)
    await attempts.begin("password", "bob")
    await attempts.begin("passwordada")


async def test_a_success_forgets_the_failures(attempts: Attempts) -> None:
    for _ in range(4):
        await attempts.begin("password", "ada")
    await attempts.succeeded("password", "ada")
    for _ in range(5):
        await attempts.begin("password", "ada")
    await wait_after(attempts)


async def test_a_day_without_guesses_forgets_them_too(attempts: Attempts, clock: Clock) -> None:
    for _ in range(5):
        await attempts.begin("password", "ada")
    clock.now += timedelta(hours=24, seconds=1)
    for _ in range(5):
        await attempts.begin("password", "ada")


async def test_successes_and_attempts_at_once_do_not_get_in_each_others_way(attempts: Attempts) -> None:
    async def sign_in() -> None:
        await attempts.begin("password", "ada", limit=Limit(1000, timedelta(seconds=1), timedelta(seconds=1)))
        await attempts.succeeded("password", "ada")

    await asyncio.gather(*(sign_in() for _ in range(200)))


async def test_a_clock_that_is_a_little_behind_finds_nothing_blocked(attempts: Attempts, clock: Clock) -> None:
    await attempts.begin("password", "ada")
    clock.now -= timedelta(milliseconds=1)
    await attempts.begin("password", "ada")
    await attempts.forgive("password", "ada")
    clock.now -= timedelta(milliseconds=1)
    await attempts.begin("password", "ada")


async def test_guesses_at_once_are_all_counted(attempts: Attempts) -> None:
    outcomes = await asyncio.gather(*(attempts.begin("password", "ada") for _ in range(50)), return_exceptions=True)
    assert sum(outcome is None for outcome in outcomes) == 5
    assert all(outcome is None or isinstance(outcome, TooManyAttempts) for outcome in outcomes)

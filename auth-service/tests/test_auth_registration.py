"""Who gets an account, and what stands in the way."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from auth_client import AuthClient

from auth_service.settings import AuthSettings
from strongroom.database import Database


async def test_a_new_account_is_told_back_without_its_password(auth: AuthClient) -> None:
    answer = await auth.register(name="Ada Lovelace")
    assert answer.status_code == 201
    user = answer.json()
    assert UUID(user["id"]).version == 7
    assert user == {
        "id": user["id"],
        "email": "ada@example.com",
        "name": "Ada Lovelace",
        "roles": ["user"],
        "email_verified": False,
        "created_at": user["created_at"],
    }


@pytest.mark.parametrize("again", ["ada@example.com", "ADA@EXAMPLE.COM", " ada@example.com "])
async def test_an_address_is_taken_however_it_is_typed(auth: AuthClient, again: str) -> None:
    await auth.register()
    answer = await auth.register(email=again)
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:problem-type:strongroom:email-taken"


async def test_of_two_registrations_at_once_one_wins(auth: AuthClient) -> None:
    answers = await asyncio.gather(*(auth.register() for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7


@pytest.mark.parametrize(
    "email",
    ["", "ada", "ada@", "@example.com", "a b@example.com", "ada@example", "ada@exa\0mple.com", "a" * 310 + "@x.org"],
)
async def test_what_is_no_address_is_refused(auth: AuthClient, email: str) -> None:
    answer = await auth.register(email=email)
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:problem-type:strongroom:invalid-email"


@pytest.mark.parametrize("password", ["", "short", "password", "ada@example.com", "aaaaaaaaaaaaaaaaaaaa", "a" * 200])
async def test_a_weak_password_is_refused_with_a_reason(auth: AuthClient, password: str) -> None:
    answer = await auth.register(password=password)
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["type"] == "urn:problem-type:strongroom:weak-password"
    assert problem["detail"]


async def test_a_password_of_200_characters_counts_to_the_last_one(auth: AuthClient) -> None:
    strong = ("tide lantern 42 orchard; " * 8)[:199]
    assert (await auth.register(password=strong + "x")).status_code == 201
    assert (await auth.sign_in(password=strong + "y")).status_code == 400
    assert (await auth.sign_in(password=strong + "x")).status_code == 200


async def test_an_endless_password_is_refused_before_it_is_hashed(auth: AuthClient) -> None:
    assert (await auth.register(password="x" * 1025)).status_code == 422


@pytest.mark.parametrize("name", ["a\0b", "line\nbreak", "x" * 201])
async def test_a_name_that_would_break_pages_and_mails_is_refused(auth: AuthClient, name: str) -> None:
    assert (await auth.register(name=name)).status_code == 422


async def test_a_huge_body_is_refused_declared_or_not(auth: AuthClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 1024

    url = f"{auth.origin}/auth/register"
    assert (await auth.http.post(url, content=b" " * 100_000)).status_code == 413
    assert (await auth.http.post(url, content=endless())).status_code == 413


async def test_a_password_is_stored_as_a_slow_hash(auth: AuthClient, settings: AuthSettings) -> None:
    await auth.register()
    database = Database(settings.database_url.get_secret_value())
    async with database.reading() as connection:
        stored = (await connection.exec_driver_sql("select password_hash from auth.accounts")).scalars().all()
    await database.aclose()
    assert all(one.startswith("$bcrypt-sha256$v=2,t=2b,r=4$") for one in stored)

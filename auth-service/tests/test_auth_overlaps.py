"""Signing in takes a good while: what changes meanwhile counts."""

import asyncio
from collections.abc import AsyncIterator

import bcrypt
import pytest
from auth_client import PASSWORD, AuthClient
from factors_client import set_up_app

from auth_service.app import create_app
from auth_service.sessions.browser import BrowserSessions
from auth_service.sessions.device import Device
from auth_service.sessions.service import Sessions
from auth_service.settings import AuthSettings
from strongroom.database import Database
from strongroom.web.parts import part

NEW = "meadow-cobalt-91-sparrow"


@pytest.fixture
async def database(settings: AuthSettings) -> AsyncIterator[Database]:
    opened = Database(settings.database_url.get_secret_value())
    yield opened
    await opened.aclose()


async def test_a_password_that_changes_while_it_is_checked_opens_nothing(
    auth: AuthClient, settings: AuthSettings, database: Database
) -> None:
    await auth.register()
    app = create_app(settings)
    async with app.router.lifespan_context(app), database.begin() as tx:
        found = "select id, password_hash from auth.accounts where email = 'ada@example.com' for no key update"
        row = (await tx.exec_driver_sql(found)).one()
        opening = asyncio.gather(
            part(app, Sessions).open_by_password(
                row.id, ("user",), row.password_hash, client_id="x", scope="openid", device=Device(None, None)
            ),
            part(app, BrowserSessions).open_by_password(row.id, row.password_hash),
        )
        change = "update auth.accounts set password_hash = 'another' where email = 'ada@example.com'"
        await tx.exec_driver_sql(change)
        await waiting(database, 2)
        await tx.commit()
        assert list(await opening) == [None, None]


async def waiting(database: Database, count: int) -> None:
    """Until so many transactions wait for another one."""
    query = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    async with asyncio.timeout(10), database.reading() as connection:
        while (await connection.exec_driver_sql(query)).scalar_one() < count:
            pass


async def test_sign_ins_at_once_that_upgrade_a_hash_all_succeed(auth: AuthClient, database: Database) -> None:
    await auth.register()
    old = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    async with database.begin() as tx:
        await tx.exec_driver_sql("update auth.accounts set password_hash = $1 where email = 'ada@example.com'", (old,))
    answers = await asyncio.gather(*(auth.sign_in() for _ in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    for answer in answers:
        assert (await auth.get("/auth/profile", answer.json()["access_token"])).status_code == 200


async def test_a_changed_password_ends_a_sign_in_that_waits_for_its_second_factor(auth: AuthClient) -> None:
    await auth.register()
    token = await auth.access_token()
    factors = await set_up_app(auth, token)
    half = await auth.sign_in()
    assert half.status_code == 403
    change = {"current_password": PASSWORD, "new_password": NEW}
    assert (await auth.send("POST", "/auth/profile/password", token, change)).status_code == 204
    answer = await auth.token(grant_type="mfa", mfa_token=half.json()["mfa_token"], code=factors.recovery_codes[0])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


async def test_a_refresh_that_asks_for_too_much_does_not_use_the_token_up(auth: AuthClient, database: Database) -> None:
    await auth.register()
    refresh = (await auth.sign_in(scope="openid files:read")).json()["refresh_token"]
    refused = await auth.token(grant_type="refresh_token", refresh_token=refresh, scope="openid admin")
    assert refused.json()["error"] == "invalid_scope"
    async with database.reading() as connection:
        assert (await connection.exec_driver_sql("select count(spent_at) from auth.refresh_tokens")).scalar_one() == 0
    assert (await auth.token(grant_type="refresh_token", refresh_token=refresh, scope="openid")).status_code == 200

"""Signing in takes a good while: what changes meanwhile counts."""

import asyncio
from collections.abc import Awaitable, Callable

import bcrypt
import httpx2
import pytest
from auth_client import ADMIN, PASSWORD, AuthClient
from factors_client import set_up_app
from oauth_app import register_client
from read_mail import Mailbox
from test_auth_tokens import claims

from auth_service.app import create_app
from auth_service.sessions.browser import BrowserSessions
from auth_service.sessions.device import Device
from auth_service.sessions.service import Sessions
from auth_service.settings import AuthSettings
from strongroom.database import Database
from strongroom.web.parts import part

NEW = "meadow-cobalt-91-sparrow"


async def test_a_password_that_changes_while_it_is_checked_opens_nothing(
    auth: AuthClient, settings: AuthSettings, database: Database
) -> None:
    await auth.register()
    app = create_app(settings)
    async with app.router.lifespan_context(app), database.begin() as tx:
        found = "select id, password_hash from auth.accounts where email = 'ada@example.com' for no key update"
        row = (await tx.exec_driver_sql(found)).one()
        opening = asyncio.gather(
            part(app, Sessions).open(
                row.id, row.password_hash, client_id="x", registered=None, scope="openid", device=Device(None, None)
            ),
            part(app, BrowserSessions).open(row.id, row.password_hash),
        )
        change = "update auth.accounts set password_hash = 'another' where email = 'ada@example.com'"
        await tx.exec_driver_sql(change)
        await waiting(database, 2)
        await tx.commit()
        assert list(await opening) == [None, None]


async def held_up(
    database: Database, table: str, change: str, work: Callable[[], Awaitable[httpx2.Response]]
) -> httpx2.Response:
    """The answer to a request that meets somebody who is just changing what it is about, and who was first."""
    async with database.begin() as tx:
        await tx.exec_driver_sql(f"select from auth.{table} for no key update")
        answer = asyncio.ensure_future(work())
        await waiting(database, 1)
        await tx.exec_driver_sql(change)
    return await answer


async def test_a_role_that_is_taken_away_during_a_sign_in_is_not_in_its_token(
    auth: AuthClient, database: Database
) -> None:
    change = "update auth.accounts set roles = '{user}'"
    answer = await held_up(database, "accounts", change, lambda: auth.sign_in(**ADMIN))
    assert claims(answer.json()["access_token"])["roles"] == ["user"]
    assert "admin" not in answer.json()["scope"].split()


async def test_a_role_that_is_taken_away_during_a_refresh_is_not_in_its_token(
    auth: AuthClient, database: Database
) -> None:
    refresh = (await auth.sign_in(**ADMIN)).json()["refresh_token"]
    change = "update auth.accounts set roles = '{user}'"
    answer = await held_up(
        database, "accounts", change, lambda: auth.token(grant_type="refresh_token", refresh_token=refresh)
    )
    assert claims(answer.json()["access_token"])["roles"] == ["user"]


async def test_a_client_that_is_removed_during_a_sign_in_gets_nothing(auth: AuthClient, database: Database) -> None:
    await auth.register()
    client = await register_client(auth, await auth.access_token(**ADMIN))
    credentials = {name: client[name] for name in ("client_id", "client_secret")}
    async with database.begin() as tx:
        await tx.exec_driver_sql("delete from auth.clients")
        answer = asyncio.ensure_future(auth.sign_in(**credentials))
        await waiting(database, 1)
    assert (await answer).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("what", ["password", "email", "totp", "passkey"])
async def test_a_change_that_meets_another_password_changes_nothing(
    auth: AuthClient, database: Database, what: str
) -> None:
    """Whoever knows the old password must not undo what the owner does about it."""
    await auth.register()
    token = await auth.access_token()
    requests = {
        "password": ("POST", "/auth/profile/password", {"current_password": PASSWORD, "new_password": NEW}, 403),
        "email": ("PATCH", "/auth/profile", {"email": "thief@example.com", "current_password": PASSWORD}, 403),
        "totp": ("POST", "/auth/mfa/totp", {"current_password": PASSWORD}, 409),
        "passkey": ("POST", "/auth/mfa/passkeys/options", {"current_password": PASSWORD}, 409),
    }
    method, path, body, status = requests[what]
    change = "update auth.accounts set password_hash = 'the owner was quicker'"
    answer = await held_up(database, "accounts", change, lambda: auth.send(method, path, token, body))
    assert answer.status_code == status, answer.text
    async with database.reading() as connection:
        for table in ("one_time_tokens where purpose in ('change-email', 'add-passkey')", "totp_secrets"):
            assert (await connection.exec_driver_sql(f"select count(*) from auth.{table}")).scalar_one() == 0


async def test_a_reset_that_proves_an_address_takes_away_the_factors_of_who_registered_it(
    auth: AuthClient, mailbox: Mailbox
) -> None:
    await auth.register()
    await set_up_app(auth, await auth.access_token())
    assert (await auth.sign_in()).status_code == 403
    await auth.send("POST", "/auth/password/forgot", json={"email": "ada@example.com"})
    token = (await mailbox.newest("Choose a new password")).token
    reset = await auth.send("POST", "/auth/password/reset", json={"token": token, "new_password": NEW})
    assert reset.status_code == 204
    assert (await auth.sign_in(password=NEW)).status_code == 200


async def test_a_reset_of_a_proved_address_does_not_go_around_the_second_factor(
    auth: AuthClient, mailbox: Mailbox
) -> None:
    await auth.register()
    proof = (await mailbox.newest("Confirm your email address")).token
    assert (await auth.send("POST", "/auth/email/verify", json={"token": proof})).status_code == 200
    await set_up_app(auth, await auth.access_token())
    await auth.send("POST", "/auth/password/forgot", json={"email": "ada@example.com"})
    token = (await mailbox.newest("Choose a new password")).token
    reset = await auth.send("POST", "/auth/password/reset", json={"token": token, "new_password": NEW})
    assert reset.status_code == 204
    assert (await auth.sign_in(password=NEW)).json()["error"] == "mfa_required"


async def waiting(database: Database, count: int) -> None:
    """Until so many transactions wait for another one."""
    query = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    async with asyncio.timeout(20), database.reading() as connection:
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

"""The master key is exchanged while everything goes on, and a wrong one is noticed at once."""

import asyncio
import base64
import os
from collections.abc import Awaitable, Callable
from uuid import UUID

import httpx2
import pytest
from auth_client import ADMIN, AuthClient
from pydantic import SecretStr
from sqlalchemy import text
from starlette.types import ASGIApp
from uuid_utils.compat import uuid7

from auth_service.app import create_app, open_master_key, reseal
from auth_service.keys.sealing import MasterKey, WrongMasterKey
from auth_service.settings import AuthSettings
from strongroom.database import Database


@pytest.fixture
def both(settings: AuthSettings) -> AuthSettings:
    """A new master key, and the one there was as the previous one."""
    new = base64.b64encode(os.urandom(32)).decode()
    return changed(settings, master_key=new, previous_master_key=settings.master_key.get_secret_value())


def changed(settings: AuthSettings, **changes: object) -> AuthSettings:
    values = {name: _plain(value) for name, value in settings.model_dump().items()}
    return AuthSettings.model_validate({**values, **changes})


def _plain(value: object) -> object:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


async def started(settings: AuthSettings) -> None:
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        pass


def secret_of(account_id: UUID) -> bytes:
    return f"secret of {account_id}".encode()


async def enrol(database: Database, accounts: int, sealing: MasterKey) -> list[UUID]:
    """That many people with a sealed TOTP secret, in the order of their ids."""
    ids = [uuid7() for _ in range(accounts)]
    async with database.begin() as tx:
        await tx.execute(
            text(
                "insert into auth.accounts (id, email, email_key, password_hash, roles, email_verified, created_at)"
                " values (:id, :email, :email, '', '{}', false, now())"
            ),
            [{"id": one, "email": str(one)} for one in ids],
        )
        await tx.execute(
            text("insert into auth.totp_secrets (account_id, sealed_secret, last_step) values (:id, :sealed, 0)"),
            [{"id": one, "sealed": sealing.seal(secret_of(one), str(one))} for one in ids],
        )
    return sorted(ids)


async def secrets(database: Database, key: MasterKey) -> dict[UUID, bytes]:
    """Opened with that key. Raises WrongMasterKey."""
    async with database.reading() as connection:
        rows = await connection.execute(text("select account_id, sealed_secret from auth.totp_secrets"))
        return {account_id: key.open(sealed, str(account_id)) for account_id, sealed in rows}


async def test_with_a_wrong_master_key_the_service_does_not_start_and_says_why(
    settings: AuthSettings, both: AuthSettings
) -> None:
    await started(settings)
    with pytest.raises(WrongMasterKey, match="STRONGROOM_MASTER_KEY does not open"):
        await started(changed(both, previous_master_key=None))
    await started(both)


async def test_the_master_key_is_exchanged_without_a_gap(
    settings: AuthSettings,
    both: AuthSettings,
    serve: Callable[[ASGIApp], Awaitable[str]],
    http: httpx2.AsyncClient,
) -> None:
    old = AuthClient(http, await serve(create_app(settings)))
    token = await old.access_token(**ADMIN)
    between = AuthClient(http, await serve(create_app(both)))
    assert (await between.get("/auth/profile", token)).status_code == 200
    assert await reseal(both) == 2
    new = AuthClient(http, await serve(create_app(changed(both, previous_master_key=None))))
    for replica in (old, between, new):
        assert (await replica.get("/auth/profile", await new.access_token(**ADMIN))).status_code == 200
        assert (await new.get("/auth/profile", await replica.access_token(**ADMIN))).status_code == 200
    with pytest.raises(WrongMasterKey):
        await reseal(settings)


async def test_every_secret_is_re_encrypted_however_many_there_are(
    settings: AuthSettings, both: AuthSettings, database: Database
) -> None:
    await started(settings)
    ids = await enrol(database, 1203, open_master_key(settings))
    assert await reseal(both) == 2 + 1203
    new = open_master_key(changed(both, previous_master_key=None))
    assert await secrets(database, new) == {one: secret_of(one) for one in ids}


async def test_an_exchange_that_ended_half_way_leaves_everything_legible_and_is_repeated(
    settings: AuthSettings, both: AuthSettings, database: Database
) -> None:
    await started(settings)
    ids = await enrol(database, 1203, open_master_key(settings))
    new = open_master_key(changed(both, previous_master_key=None))
    async with database.begin() as tx:  # holds the last one, so that the exchange stops before it
        await tx.execute(text("select * from auth.totp_secrets where account_id = :id for update"), {"id": ids[-1]})
        exchange = asyncio.create_task(reseal(both))
        while not await _waiting(database):
            pass
        exchange.cancel()
        await asyncio.gather(exchange, return_exceptions=True)
    for key in (new, open_master_key(settings)):
        with pytest.raises(WrongMasterKey):
            await secrets(database, key)
    assert await secrets(database, open_master_key(both)) == {one: secret_of(one) for one in ids}
    await started(both)
    for _ in range(2):
        assert await reseal(both) == 2 + 1203
        assert await secrets(database, new) == {one: secret_of(one) for one in ids}
    await started(changed(both, previous_master_key=None))


async def _waiting(database: Database) -> bool:
    async with database.reading() as connection:
        query = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        return bool((await connection.execute(text(query))).scalar_one())


def encoded(byte: bytes) -> str:
    return base64.b64encode(byte * 32).decode()


def test_what_the_previous_key_sealed_opens_and_is_sealed_anew() -> None:
    old, other = MasterKey(encoded(b"a")), MasterKey(encoded(b"c"))
    new = MasterKey(encoded(b"b"), old)
    sealed = old.seal(b"secret", "context")
    assert new.open(sealed, "context") == b"secret"
    resealed = new.reseal(sealed, "context")
    assert MasterKey(encoded(b"b")).open(resealed, "context") == b"secret"
    for wrong in (other, MasterKey(encoded(b"b"))):
        with pytest.raises(WrongMasterKey):
            wrong.open(sealed, "context")
    with pytest.raises(WrongMasterKey):
        new.open(sealed, "another context")


@pytest.mark.parametrize("length", [0, 1, 7, 8, 12, 13, 27])
def test_what_is_cut_off_is_not_opened_and_no_fault_of_its_own_kind(length: int) -> None:
    key = MasterKey(encoded(b"a"), MasterKey(encoded(b"b")))
    with pytest.raises(WrongMasterKey):
        key.open(key.seal(b"secret", "context")[:length], "context")

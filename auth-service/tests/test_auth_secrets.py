"""Nothing secret is in a log, in an error, in a header or an address where it does not belong, or legibly stored."""

import asyncio
import base64
import io
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import redirect_stdout

import asyncpg
import pytest
import structlog
from auth_client import ADMIN, PASSWORD, AuthClient
from browser import Browser
from factors_client import mfa_token, set_up_app
from fastapi import FastAPI
from journey import (
    COUNTESS,
    SECOND,
    Scene,
    a_person_comes_and_forgets,
    a_person_guards_the_account,
    a_person_uses_the_console,
    apps_come_and_an_admin_looks_on,
    people_err,
)
from oauth_app import register_app
from read_mail import Mailbox
from starlette.types import ASGIApp
from wire import SECRET, Wire

from auth_service.keys.service import KeyRing
from auth_service.settings import AuthSettings
from strongroom.web.logs import configure_logs
from strongroom.web.parts import part

# Where everything that has to do with secrets is stored; but what counts attempts goes on, or nobody would get so far.
GUARDED = (
    "accounts", "sessions", "refresh_tokens", "clients", "authorization_codes", "browser_sessions", "one_time_tokens",
    "totp_secrets", "recovery_codes", "passkeys",
)  # fmt: skip


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All that is logged, as the service writes it in production, but of every level."""
    root, quiet = logging.getLogger(), ("httpx2", "httpcore2", "aiohttp.access", "alembic.runtime.plugins")
    level, handlers, levels = root.level, root.handlers[:], [logging.getLogger(name).level for name in quiet]
    configured = structlog.get_config()
    root.handlers.clear()
    with redirect_stdout(io.StringIO()) as written:
        configure_logs("DEBUG")
    # A logger that kept this for good would not obey the next test.
    structlog.configure(cache_logger_on_first_use=False)
    ours = root.handlers[:]
    root.handlers[:] = [*handlers, *ours]
    yield written
    for handler in ours:
        root.removeHandler(handler)
    root.setLevel(level)
    for name, before in zip(quiet, levels, strict=True):
        logging.getLogger(name).setLevel(before)
    structlog.configure(**configured)


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
async def scene(
    logged: io.StringIO,
    service: FastAPI,
    settings: AuthSettings,
    serve: Callable[[ASGIApp], Awaitable[str]],
    wire: Wire,
) -> AsyncIterator[Scene]:
    assert settings.mail_dir is not None
    origin = await serve(service)
    wire.learn("master key", settings.master_key.get_secret_value())
    wire.learn("master key", base64.b64decode(settings.master_key.get_secret_value()).hex())
    private = part(service, KeyRing).active.private.private_numbers()
    for number in (private.d, private.p, private.q):
        wire.learn("signing key", number.to_bytes((number.bit_length() + 7) // 8).hex())
    sql = await asyncpg.connect(settings.database_url.get_secret_value())
    async with wire.client() as http, wire.client() as browsing:
        yield Scene(AuthClient(http, origin), Browser(browsing), Mailbox(settings.mail_dir), sql, wire)
    await sql.close()


async def refuse_writes(sql: asyncpg.Connection) -> None:
    await sql.execute(
        "create function auth.refuse() returns trigger language plpgsql as "
        "$$ begin raise exception 'this table is out of order'; end $$"
    )
    for table in GUARDED:
        await sql.execute(
            f"create trigger out_of_order before insert or update or delete on auth.{table} "
            "for each row execute function auth.refuse()"
        )


async def stored(sql: asyncpg.Connection) -> str:
    tables = await sql.fetch("select table_name from information_schema.tables where table_schema = 'auth'")
    rows = [row[0] for (table,) in tables for row in await sql.fetch(f'select t::text from auth."{table}" t')]
    dump = "\n".join(rows)
    assert "root@example.com" in dump
    return dump


async def test_no_secret_is_left_behind(scene: Scene, wire: Wire, logged: io.StringIO) -> None:
    await a_person_comes_and_forgets(scene)
    await a_person_uses_the_console(scene)
    codes = await a_person_guards_the_account(scene)
    await apps_come_and_an_admin_looks_on(scene, codes)
    await people_err(scene)
    assert wire.secrets.keys() == {*SECRET, "misplaced", "master key", "signing key"}
    for event in ("session.opened", "mail.sent", "request", "signing_key.in_use"):
        assert f'"event": "{event}"' in logged.getvalue()
    assert wire.leaks(log=logged.getvalue(), database=await stored(scene.sql)) == {}


async def test_no_secret_is_told_of_a_fault(scene: Scene, wire: Wire, logged: io.StringIO) -> None:
    """The database refuses every write from here on: what would have been written is in no log and in no answer."""
    auth, browser, mailbox = scene.auth, scene.browser, scene.mailbox
    admin = await auth.access_token(**ADMIN)
    await auth.register()
    await auth.register(email="eve@example.com")
    verify = (await mailbox.newest("Confirm your email address")).token
    await scene.post("/auth/password/forgot", email="ada@example.com")
    reset = (await mailbox.newest("Choose a new password")).token
    tokens = (await auth.sign_in()).json()
    access = tokens["access_token"]
    app = await register_app(auth, admin)
    code, consent = await app.code(browser), await browser.arrive(app.link(prompt="consent"))
    page = await browser.arrive(app.link(prompt="login"))
    eve = {"username": "eve@example.com"}
    factor = await set_up_app(auth, await auth.access_token(**eve))
    mfa = await mfa_token(auth, **eve)
    hashes = [row[0] for row in await scene.sql.fetch("select password_hash from auth.accounts")]
    await refuse_writes(scene.sql)
    known = {"current_password": PASSWORD}
    answers = [
        await auth.register(email="bob@example.com", password=SECOND),
        await auth.sign_in(),
        await auth.sign_in(**eve),
        await auth.token(grant_type="mfa", mfa_token=mfa, code=factor.recovery_codes[0]),
        await auth.token(grant_type="mfa", mfa_token=mfa, code=factor.recovery_codes[0] + "x"),
        await auth.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]),
        await scene.post("/auth/profile/password", access, **known, new_password=SECOND),
        await auth.send("PATCH", "/auth/profile", access, {"email": COUNTESS["username"], **known}),
        await scene.post("/auth/password/reset", token=reset, new_password=SECOND),
        await scene.form("/auth/password/reset", token=reset, new_password=SECOND),
        await scene.post("/auth/email/verify", token=verify),
        await scene.post("/auth/mfa/totp", access, **known),
        await scene.post("/auth/mfa/passkeys/options", access, **known),
        await scene.post("/auth/mfa/passkeys/authenticate/options"),
        await scene.post("/auth/clients", admin, name="App", scopes=["openid"]),
        await auth.send("POST", f"/auth/clients/{app.client_id}/secret", admin),
        await app.redeem(code),
        await app.revoke(tokens["refresh_token"], client_id=None, client_secret=None),
        (await browser.sign_in(page)).answer,
        (await browser.allow(consent)).answer,
    ]
    assert [answer.status_code for answer in answers] == [500] * len(answers)
    assert {answer.headers["content-type"] for answer in answers} == {"application/problem+json"}
    assert len({answer.text for answer in answers}) == 1
    await scene.post("/auth/password/forgot", email="ada@example.com")
    async with asyncio.timeout(20):
        while '"event": "job.crashed"' not in logged.getvalue():
            await scene.sql.fetchval("select count(*) from auth.pgqueuer")
    log = logged.getvalue()
    assert log.count('"event": "request.failed"') == len(answers)
    assert "this table is out of order" in log
    assert wire.leaks(log=log, database=await stored(scene.sql)) == {}
    assert [one for one in (*hashes, "$bcrypt-sha256$") if one in log] == []

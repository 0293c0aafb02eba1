"""What a mail looks like, where it goes, and that nothing of it can be read on the way or afterwards."""

import asyncio
import base64
import email
import email.policy
import json
import os
import ssl
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope
from auth_client import AuthClient
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from read_mail import Mailbox
from starlette.types import ASGIApp

from auth_service.app import create_app, open_master_key, reseal
from auth_service.mail.composing import Uncomposable, compose
from auth_service.mail.delivery import Delivery
from auth_service.mail.directory_carrier import DirectoryCarrier
from auth_service.mail.outbox import Message, Outbox, QueuedMail
from auth_service.mail.smtp_carrier import SmtpCarrier
from auth_service.settings import AuthSettings
from strongroom.database import Database
from strongroom.database.job_worker import GiveUp, Job, NotYet
from strongroom.database.jobs import JobQueue

SENDER = "strongroom@example.org"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HEADERS = {
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type", "Content-Transfer-Encoding",
    "MIME-Version",
}  # fmt: skip


def queued(to: str = "ada@example.com", subject: str = "Hello", text: str = "Hello.\n") -> QueuedMail:
    return QueuedMail("018f-1", NOON, Message(to, subject, text))


def read(composed: EmailMessage | bytes) -> EmailMessage:
    return email.message_from_bytes(bytes(composed), policy=email.policy.default)


def test_a_mail_has_what_a_mail_needs_and_its_link_in_one_piece() -> None:
    link = "https://example.org/auth/email/verify?token=" + "x" * 100
    raw = bytes(compose(queued(text=f"Open this:\n\n{link}\n"), SENDER))
    assert link.encode() in raw
    mail = read(raw)
    assert mail["From"] == "Strongroom <strongroom@example.org>"
    assert mail["To"] == "ada@example.com"
    assert mail["Date"].datetime == NOON
    assert mail["Message-ID"] == "<018f-1@example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "text/plain"


@given(to=st.text(), subject=st.text(), text=st.text())
def test_nothing_in_a_mail_becomes_a_header(to: str, subject: str, text: str) -> None:
    _judge(to, subject, text)


@given(
    local=st.text(st.characters(codec="utf-8"), min_size=1),
    evil=st.sampled_from(
        ["\r\nBcc: eve@example.com", "\nBcc: eve@example.com", "\rX: y", "\x00", "\x85Bcc: e@x", "\u2028X: y"]
    ),
    subject=st.text(),
)
def test_not_even_what_is_made_for_it(local: str, evil: str, subject: str) -> None:
    _judge(f"{local}{evil}@example.com", subject, evil)
    _judge(f"{local}@example.com{evil}", subject, evil)
    _judge("ada@example.com", subject + evil + subject, evil)


def _judge(to: str, subject: str, text: str) -> None:
    try:
        raw = bytes(compose(queued(to, subject, text), SENDER))
    except Uncomposable:
        return
    assert b"\0" not in raw
    mail = read(raw)
    assert set(mail.keys()) == HEADERS
    assert len(mail.keys()) == len(HEADERS)
    assert len(mail["To"].addresses) == 1


@pytest.mark.parametrize(
    ("to", "written"),
    [
        ("ada@exämple.org", "ada@xn--exmple-cua.org"),
        ("ädä@exämple.org", "ädä@xn--exmple-cua.org"),
        ('"a b, c"@example.org', '"a b, c"@example.org'),
    ],
)
def test_unusual_addresses_are_written_as_servers_want_them(to: str, written: str) -> None:
    assert f"To: {written}\r\n".encode() in bytes(compose(queued(to), SENDER))


async def test_a_file_is_private_whole_and_sorts_by_time(tmp_path: Path) -> None:
    carrier = DirectoryCarrier(tmp_path / "new" / "mail")
    later = QueuedMail("0", NOON + timedelta(microseconds=1), queued().message)
    for mail in (later, queued(), queued()):
        await carrier.carry(mail, compose(mail, SENDER))
    files = sorted((tmp_path / "new" / "mail").iterdir())
    assert [file.name for file in files] == ["20260101T120000.000000Z-018f-1.eml", "20260101T120000.000001Z-0.eml"]
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600, 0o600]
    assert stat.S_IMODE(files[0].parent.stat().st_mode) == 0o700


async def test_a_directory_that_cannot_be_written_to_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotYet, match="the directory: File exists"):
        await DirectoryCarrier(tmp_path / "file").carry(queued(), compose(queued(), SENDER))


class PostOffice:
    """A real SMTP server that keeps what it gets."""

    def __init__(self) -> None:
        self.received: list[Envelope] = []
        self.passwords: list[bytes] = []
        self.answers: dict[str, str] = {}

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: object, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.answers.get("RCPT", "250 OK")

    async def handle_DATA(self, _server: SMTP, _session: object, envelope: Envelope) -> str:  # noqa: N802
        self.received.append(envelope)
        return self.answers.get("DATA", "250 OK")

    def authenticate(self, _server: SMTP, _session: object, _envelope: object, _kind: str, given: Any) -> AuthResult:
        self.passwords.append(given.password)
        return AuthResult(success=given.login == b"us@er" and given.password == b"p/ss", handled=False)

    @asynccontextmanager
    async def open(self, over: ssl.SSLContext | None = None, **options: Any) -> AsyncIterator[int]:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(self, loop=loop, **options), "127.0.0.1", 0, ssl=over)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            await server.wait_closed()


@pytest.fixture
def post_office() -> PostOffice:
    return PostOffice()


@pytest.fixture
def tls(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The server's and the client's."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cafile=pem)


async def carried(carrier: SmtpCarrier, mail: QueuedMail | None = None) -> None:
    mail = mail or queued()
    await carrier.carry(mail, compose(mail, SENDER))


async def test_a_mail_arrives_at_an_smtp_server(post_office: PostOffice) -> None:
    async with post_office.open() as port:
        await carried(SmtpCarrier(f"smtp://127.0.0.1:{port}"))
    (envelope,) = post_office.received
    assert (envelope.mail_from, envelope.rcpt_tos) == (SENDER, ["ada@example.com"])
    assert isinstance(envelope.content, bytes)
    assert read(envelope.content)["Message-ID"] == "<018f-1@example.org>"


async def test_a_password_is_sent_over_tls_only(
    post_office: PostOffice, tls: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    server, client = tls
    async with post_office.open(authenticator=post_office.authenticate, auth_require_tls=False) as port:
        with pytest.raises(NotYet):
            await carried(SmtpCarrier(f"smtp://us%40er:p%2Fss@localhost:{port}", tls=client))
    assert (post_office.passwords, post_office.received) == ([], [])
    async with post_office.open(authenticator=post_office.authenticate, tls_context=server) as port:
        await carried(SmtpCarrier(f"smtp://us%40er:p%2Fss@localhost:{port}", tls=client))
        with pytest.raises(NotYet, match="SMTP 535"):
            await carried(SmtpCarrier(f"smtp://us%40er:wrong@localhost:{port}", tls=client))
        with pytest.raises(NotYet):  # a server that nobody vouches for
            await carried(SmtpCarrier(f"smtp://us%40er:p%2Fss@localhost:{port}"))
    assert (set(post_office.passwords), len(post_office.received)) == ({b"p/ss", b"wrong"}, 1)


async def test_tls_from_the_beginning(post_office: PostOffice, tls: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    server, client = tls
    async with post_office.open(over=server) as port:
        await carried(SmtpCarrier(f"smtps://localhost:{port}", tls=client))
    assert len(post_office.received) == 1


@pytest.mark.parametrize(
    ("command", "answer", "outcome", "reason"),
    [
        ("RCPT", "550 ada@example.com is unknown", GiveUp, "SMTP 550"),
        ("RCPT", "450 greylisted, ada@example.com", NotYet, "SMTP 450"),
        ("RCPT", "554 we do not like you", NotYet, "SMTP 554"),
        ("DATA", "451 later", NotYet, "SMTP 451"),
        ("DATA", "550 spam", NotYet, "SMTP 550"),
    ],
)
async def test_a_refusal_is_for_ever_or_for_now(
    post_office: PostOffice, command: str, answer: str, outcome: type[Exception], reason: str
) -> None:
    post_office.answers[command] = answer
    async with post_office.open() as port:
        with pytest.raises(outcome) as refusal:
            await carried(SmtpCarrier(f"smtp://127.0.0.1:{port}"))
    assert (type(refusal.value), str(refusal.value)) == (outcome, reason)


async def test_a_server_that_is_away_is_tried_again(post_office: PostOffice) -> None:
    async with post_office.open() as port:
        pass
    with pytest.raises(NotYet, match="SMTPConnectError"):
        await carried(SmtpCarrier(f"smtp://127.0.0.1:{port}"))


def outbox_of(database: Database, settings: AuthSettings) -> Outbox:
    return Outbox(JobQueue(database, "auth"), open_master_key(settings))


async def everything_stored(sql: asyncpg.Connection) -> str:
    tables = await sql.fetch("select table_name from information_schema.tables where table_schema = 'auth'")
    dumped = ""
    for (table,) in tables:
        dumped += "\n".join(row[0] for row in await sql.fetch(f'select x::text from auth."{table}" x')) + "\n"
    return dumped


def forms_of(token: str) -> list[str]:
    """As it is, in hexadecimal as bytea is dumped, and in base64 at each offset."""
    encoded = [base64.b64encode((" " * pad + token).encode()).decode()[4:-4] for pad in range(3)]
    return [token, token.encode().hex(), *encoded, *(one.encode().hex() for one in encoded)]


async def test_no_token_of_a_mail_lies_in_the_database_in_the_clear(
    settings: AuthSettings,
    serve: Callable[[ASGIApp], Awaitable[str]],
    http: httpx2.AsyncClient,
    sql: asyncpg.Connection,
    mailbox: Mailbox,
) -> None:
    stored: list[str] = []

    async def watch() -> None:
        while True:
            stored.append(await everything_stored(sql))

    auth = AuthClient(http, await serve(create_app(settings)))
    watching = asyncio.create_task(watch())
    await auth.register()
    await auth.send("POST", "/auth/password/forgot", json={"email": "ada@example.com"})
    mails = [await mailbox.newest(subject) for subject in ("Confirm your email address", "Choose a new password")]
    async with asyncio.timeout(20):
        while len(stored) < 3:  # noqa: ASYNC110 - so it was looked at while mails waited, and afterwards
            await asyncio.sleep(0.01)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    connection = await asyncpg.connect(settings.database_url.get_secret_value())
    stored.append(await everything_stored(connection))
    await connection.close()
    assert "ada@example.com" in stored[-1]  # the dump sees what there is
    for mail in mails:
        for form in forms_of(mail.token):
            assert all(form not in one for one in stored)


async def test_a_queued_mail_is_sealed_and_gone_once_it_is_sent(
    settings: AuthSettings, database: Database, sql: asyncpg.Connection, tmp_path: Path
) -> None:
    outbox = outbox_of(database, settings)
    secret = "tok-" + base64.b32encode(os.urandom(20)).decode()
    async with database.begin() as tx:
        await outbox.enqueue(tx, Message("ada@example.com", "Hello", f"{secret}\n"))
    waiting = await everything_stored(sql)
    assert "send-mail" in waiting
    assert not [form for form in forms_of(secret) if form in waiting]
    row = await sql.fetchrow("select id, entrypoint, payload from auth.pgqueuer")
    job = Job(row["id"], row["entrypoint"], json.loads(row["payload"]), 0, NOON)
    await Delivery(outbox, DirectoryCarrier(tmp_path), SENDER).deliver(job)
    (mail,) = Mailbox(tmp_path).all()
    assert secret in mail.text


async def test_a_mail_goes_with_its_transaction(auth: AuthClient, mailbox: Mailbox, sql: asyncpg.Connection) -> None:
    await auth.register()
    await mailbox.newest("Confirm your email address")
    assert (await auth.register()).status_code == 409
    assert await sql.fetchval("select count(*) from auth.pgqueuer_log where status = 'queued'") == 1


async def test_a_mail_that_comes_too_late_is_not_sent(
    settings: AuthSettings, database: Database, sql: asyncpg.Connection, tmp_path: Path
) -> None:
    outbox = outbox_of(database, settings)
    async with database.begin() as tx:
        await outbox.enqueue(tx, Message("ada@example.com", "Hello", "Hello\n", good_until=NOON))
    payload = json.loads(await sql.fetchval("select payload from auth.pgqueuer"))
    job = Job(1, "send-mail", payload, 0, NOON)
    carrier = DirectoryCarrier(tmp_path)
    await Delivery(outbox, carrier, SENDER, clock=lambda: NOON - timedelta(seconds=1)).deliver(job)
    with pytest.raises(GiveUp, match="not sent in time"):
        await Delivery(outbox, carrier, SENDER, clock=lambda: NOON).deliver(job)
    assert len(Mailbox(tmp_path).all()) == 1


async def test_a_worker_that_dies_after_sending_sends_again_under_the_same_id(
    settings: AuthSettings,
    serve: Callable[[ASGIApp], Awaitable[str]],
    database: Database,
    sql: asyncpg.Connection,
    post_office: PostOffice,
) -> None:
    async with database.begin() as tx:
        await outbox_of(database, settings).enqueue(tx, Message("ada@example.com", "Hello", "Hello\n"))
    # As it is left behind by a worker that was killed between the server's yes and its own note of it.
    payload = json.loads(await sql.fetchval("select payload from auth.pgqueuer"))
    await sql.execute("update auth.pgqueuer set status = 'picked', heartbeat = now() - interval '1 hour'")
    async with post_office.open() as port:
        url = f"smtp://127.0.0.1:{port}"
        outbox = outbox_of(database, settings)
        await Delivery(outbox, SmtpCarrier(url), SENDER).deliver(Job(1, "send-mail", payload, 0, NOON))
        changes = {"mail_dir": None, "smtp_url": url, "mail_from": SENDER}
        await serve(create_app(AuthSettings.model_validate({**settings.model_dump(exclude_unset=True), **changes})))
        async with asyncio.timeout(20):
            while await sql.fetchval("select count(*) from auth.pgqueuer"):
                pass
    first, second = (read(envelope.content) for envelope in post_office.received)  # type: ignore[arg-type]
    assert first["Message-ID"] == second["Message-ID"]


async def test_a_mail_that_waits_survives_a_new_master_key(
    settings: AuthSettings, database: Database, sql: asyncpg.Connection
) -> None:
    async with database.begin() as tx:
        await outbox_of(database, settings).enqueue(tx, Message("ada@example.com", "Hello", "Hello\n"))
    new = base64.b64encode(os.urandom(32)).decode()
    values = {**settings.model_dump(exclude_unset=True), "master_key": new}
    rotating = AuthSettings.model_validate({**values, "previous_master_key": settings.master_key})
    keys = await sql.fetchval("select count(*) from auth.signing_keys")
    assert await reseal(rotating) == keys + 1
    payload = json.loads(await sql.fetchval("select payload from auth.pgqueuer"))
    assert outbox_of(database, AuthSettings.model_validate(values)).opened(payload).message.text == "Hello\n"


@pytest.mark.parametrize(
    "changes",
    [
        {"mail_dir": None},
        {"smtp_url": "smtp://mail.example.org", "mail_from": SENDER},
        {"mail_dir": None, "smtp_url": "smtp://mail.example.org"},
        {"mail_dir": None, "smtp_url": "http://mail.example.org", "mail_from": SENDER},
    ],
    ids=["neither", "both", "no sender", "not SMTP"],
)
def test_a_service_that_could_not_mail_does_not_start(settings: AuthSettings, changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        AuthSettings.model_validate({**settings.model_dump(exclude_unset=True), **changes})

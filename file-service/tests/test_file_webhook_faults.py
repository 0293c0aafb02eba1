"""What breaks between sending and recording is sent again; what a name or a receiver pretends leads nowhere else."""

import asyncio
import os
import signal
import ssl
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from plain_settings import plain
from starlette.responses import Response
from webhook_receiver import Message, Receiver
from webhook_rig import WebhookRig

from file_service.posting import Patience
from file_service.settings import FileSettings
from file_service.webhooks import addresses
from file_service.webhooks.addresses import Destinations
from file_service.webhooks.backoff import Backoff
from file_service.webhooks.courier import Courier, Outcome
from file_service.webhooks.lanes import DELIVER
from strongroom.database import Database
from strongroom.database.jobs import JobQueue

HANDS_OVER = Patience(message=10, due=0.02, everything=30, heartbeat=1)


@pytest.fixture
def settings(settings: FileSettings) -> FileSettings:
    return settings.model_copy(update={"webhook_private_addresses": True})


async def test_a_worker_that_dies_before_it_could_say_that_it_arrived_has_it_sent_again_by_the_same_id(
    webhooks: WebhookRig, receiver: Receiver, receiving: str
) -> None:
    hook = await webhooks.hook(receiving)
    never = asyncio.Event()

    async def hang(_: Message) -> Response:
        await never.wait()
        return Response()

    receiver.answer = hang
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "file_service", "work"), env={**os.environ, **environment(webhooks.settings)}
    )
    try:
        await webhooks.happened()
        await receiver.until(1)
    finally:
        process.send_signal(signal.SIGKILL)
        await process.wait()
    receiver.answer = receiver.accept
    async with webhooks.posting(patience=HANDS_OVER):
        first, second = await receiver.until(2)
        (delivery,) = await hook.settled()
    never.set()
    assert first.id == second.id
    assert first.body == second.body
    assert (delivery["state"], len(delivery["attempts"])) == ("delivered", 1)


async def test_what_two_workers_take_for_theirs_is_recorded_once(
    webhooks: WebhookRig, receiver: Receiver, receiving: str, database: Database
) -> None:
    """As where one was silent for so long that another took over, and then went on."""
    hook = await webhooks.hook(receiving)
    freed = asyncio.Event()

    async def hang(_: Message) -> Response:
        await freed.wait()
        return Response(status_code=500)

    receiver.answer = hang
    async with webhooks.posting(backoff=Backoff(pauses=(timedelta(hours=1),))):
        subject = await webhooks.happened()
        await receiver.until(1)
        async with database.begin() as tx:
            query = "select cast(id as text) as delivery, turn from files.webhook_deliveries"
            job = dict((await tx.exec_driver_sql(query)).mappings().one())
            await JobQueue(database, "files").enqueue(tx, DELIVER, {str(name): one for name, one in job.items()})
        await receiver.until(2)
        freed.set()
        await hook.until(lambda _, log: bool(log[0]["attempts"]))
        async with asyncio.timeout(20):
            while await jobs(database):
                pass
        assert [len(one["attempts"]) for one in await hook.log()] == [1]
        receiver.answer = receiver.accept
        await webhooks.happened(subject=subject)
        assert (await hook.redeliver(job["delivery"])).status_code == 202
        await hook.settled(2)
    assert [one.event["id"] for one in receiver.received] == ["1", "1", "1", "2"]


async def jobs(database: Database) -> int:
    async with database.reading() as connection:
        return int((await connection.exec_driver_sql("select count(*) from files.pgqueuer")).scalar_one())


def environment(settings: FileSettings) -> dict[str, str]:
    names = ("database_url", "s3_endpoint", "s3_access_key", "s3_secret_key", "s3_bucket")
    values = plain(settings)
    told = {f"STRONGROOM_{name.upper()}": str(values[name]) for name in names}
    return {**told, "STRONGROOM_WEBHOOK_PRIVATE_ADDRESSES": "true"}


class Names:
    """A resolver whose answers change, one after the other; the last one stays."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str) -> Sequence[str]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def only_one_is_public(monkeypatch: pytest.MonkeyPatch) -> str:
    """Of this machine's addresses, since no test can have one of the internet's."""
    monkeypatch.setattr(addresses, "is_public", lambda address: address == ip_address("127.0.0.2"))
    return "127.0.0.2"


async def test_a_name_that_changes_its_address_between_check_and_use_leads_to_the_one_that_was_checked(
    only_one_is_public: str,
) -> None:
    async with listening(only_one_is_public) as (public, port), listening("127.0.0.1", port) as (private, _):
        names = Names([only_one_is_public], ["127.0.0.1"])
        async with Courier(Destinations(names)) as courier:
            outcome = await courier.post(f"http://rebinding.example:{port}/", {}, b"{}")
            assert outcome == Outcome(None, 204)
            assert names.asked == ["rebinding.example."]
            assert public == [f"rebinding.example:{port}"]
            assert await courier.post(f"http://rebinding.example:{port}/", {}, b"{}") == Outcome("name-unknown")
    assert len(public) == 1
    assert private == []


async def test_one_private_address_among_public_ones_is_enough(only_one_is_public: str) -> None:
    both = Destinations(Names([only_one_is_public, "127.0.0.1"]))
    async with listening(only_one_is_public) as (public, port), Courier(both) as courier:
        assert (await courier.post(f"http://both.example:{port}/", {}, b"")).error == "name-unknown"
    assert public == []


async def test_a_redirect_inside_is_not_followed(only_one_is_public: str) -> None:
    async with listening("127.0.0.1") as (private, port):
        answer = f"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:{port}/\r\nContent-Length: 0\r\n\r\n"
        async with (
            listening(only_one_is_public, answer=answer.encode()) as (public, own_port),
            Courier(Destinations(Names([only_one_is_public]))) as courier,
        ):
            outcome = await courier.post(f"http://redirecting.example:{own_port}/", {}, b"")
    assert outcome == Outcome("redirected", 307)
    assert (len(public), private) == (1, [])


ACCEPTED = b"HTTP/1.1 204 No Content\r\n\r\n"


@asynccontextmanager
async def listening(
    address: str, port: int = 0, *, answer: bytes = ACCEPTED, tls: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[list[str], int]]:
    """Gives the `Host` of each request that comes, and the port."""
    hosts: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        hosts.append(next(line[6:] for line in head.split("\r\n") if line.lower().startswith("host: ")))
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, address, port, ssl=tls)
    try:
        yield hosts, server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


def certificate(name: str, folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / f"{name}.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.mark.parametrize(("asked_for", "error"), [("hooks.example", None), ("other.example", "tls-failed")])
async def test_the_certificate_is_to_be_for_the_name_though_the_address_is_connected_to(
    tmp_path: Path, asked_for: str, error: str | None
) -> None:
    path = certificate("hooks.example", tmp_path)
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(path)
    names: list[str] = []
    own.sni_callback = lambda _socket, name, _context: names.append(str(name))
    trusting = ssl.create_default_context(cafile=str(path))
    async with listening("127.0.0.1", tls=own) as (hosts, port):
        destinations = Destinations(Names(["127.0.0.1"]), private=True)
        async with Courier(destinations, tls=trusting) as courier:
            outcome = await courier.post(f"https://{asked_for}:{port}/", {}, b"{}")
    assert outcome.error == error
    assert names == [asked_for]
    assert hosts == ([f"{asked_for}:{port}"] if error is None else [])


async def test_nobody_vouches_for_a_certificate_of_ones_own(tmp_path: Path) -> None:
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(certificate("hooks.example", tmp_path))
    destinations = Destinations(Names(["127.0.0.1"]), private=True)
    async with listening("127.0.0.1", tls=own) as (hosts, port), Courier(destinations) as courier:
        assert (await courier.post(f"https://hooks.example:{port}/", {}, b"")).error == "tls-failed"
    assert hosts == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n" + b"x" * 200_000, None),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nxyz", None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx", "broken-off"),
        (b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", "refused"),
        (b"HTTP/1.1 304 No\r\nContent-Length: 0\r\n\r\n", "redirected"),
        (b"HTTP/1.1 301 No\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", "redirected"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "broken-off"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50_000, "broken-off"),
        (b"", "broken-off"),
    ],
)
async def test_whatever_is_answered_is_an_outcome(answer: bytes, error: str | None) -> None:
    destinations = Destinations(Names(["127.0.0.1"]), private=True)
    async with listening("127.0.0.1", answer=answer) as (_, port), Courier(destinations) as courier:
        assert (await courier.post(f"http://receiver.example:{port}/", {}, b"{}")).error == error


async def test_the_next_address_is_tried_where_one_does_not_answer() -> None:
    async with listening("127.0.0.3") as (hosts, port):
        names = Names(["127.0.0.4", "127.0.0.3"])
        async with Courier(Destinations(names, private=True)) as courier:
            assert await courier.post(f"http://receiver.example:{port}/", {}, b"") == Outcome(None, 204)
    assert len(hosts) == 1
    async with Courier(Destinations(names, private=True)) as courier:
        assert (await courier.post(f"http://receiver.example:{port}/", {}, b"")).error == "unreachable"


async def test_a_name_server_that_hangs_is_not_waited_for() -> None:
    async def hang(_: str) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    async with Courier(Destinations(hang), seconds=0.1) as courier:
        assert await courier.post("https://receiver.example/", {}, b"") == Outcome("timeout")

"""The client library against the whole system, over connections that break."""

import asyncio
import io
import os
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from itertools import count, pairwise
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from app_client import PASSWORD, App
from cutting_proxy import Cuts, CuttingProxy

from strongroom import ClientCredentials
from strongroom.client import (
    AsyncStrongroom,
    Conflict,
    FileTokenStore,
    Forbidden,
    MemoryTokenStore,
    NotFound,
    NotReadYet,
    PersonTokens,
    PreconditionFailed,
    QuotaExceeded,
    SignedOut,
    SignInRefused,
    Strongroom,
    TokenStore,
    Unprocessable,
    UnreadableFile,
)
from strongroom.client.upload_state import FileUploadStates

Result = TypeVar("Result")
MIB = 1024 * 1024
CHUNK = 8 * MIB
SIZE = 45 * MIB + 7
# What heads, and the little that was under way when a connection was cut, come to.
LITTLE = 2 * MIB


class GoneAway(Exception):
    """Whoever was transferring something has had enough."""


@pytest.fixture
def store() -> MemoryTokenStore:
    return MemoryTokenStore()


@pytest.fixture
def strongroom(url: str, store: MemoryTokenStore) -> Iterator[Strongroom]:
    """Of somebody with a new account."""
    with Strongroom(url, PersonTokens(url, store)) as client:
        email = f"{uuid4().hex}@example.com"
        client.account.register(email, PASSWORD)
        client.account.sign_in(email, PASSWORD)
        yield client


@pytest.fixture
def administrator(admin: App) -> Strongroom:
    return admin.strongroom


@pytest.fixture(scope="module")
def content() -> bytes:
    return os.urandom(SIZE)


@pytest.fixture
def source(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "source"
    path.write_bytes(content)
    return path


@contextmanager
def bad_line(url: str, store: TokenStore, cuts: Cuts) -> Iterator[tuple[Strongroom, CuttingProxy]]:
    """The same person by a connection that is cut."""
    kept = store.load()
    assert kept is not None
    by_another_address = MemoryTokenStore(kept.model_copy(update={"origin": None}))
    port = urlsplit(url).port or 80
    with CuttingProxy(port, cuts).listening() as proxy:
        address = f"http://{proxy.address}"
        with Strongroom(address, PersonTokens(address, by_another_address)) as client:
            yield client, proxy


def until(limit: int) -> Callable[[int, int | None], None]:
    def progress(done: int, total: int | None) -> None:
        if done >= limit:
            raise GoneAway

    return progress


def digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def test_an_upload_goes_on_after_every_cut(
    strongroom: Strongroom, store: MemoryTokenStore, url: str, source: Path
) -> None:
    cuts = Cuts(every=10 * MIB, times=4)
    told: list[int] = []
    with bad_line(url, store, cuts) as (client, proxy):
        file = client.files.put(source, "large", progress=lambda done, _: told.append(done))
    assert proxy.cuts == 4
    assert file.sha256 == digest(source)
    # Of each chunk that was cut, what had gone is sent again, and nothing else.
    assert proxy.sent <= SIZE + proxy.cuts * CHUNK + LITTLE
    assert told[-1] == SIZE


def test_a_stream_of_unknown_length_goes_on_too(
    strongroom: Strongroom, store: MemoryTokenStore, url: str, content: bytes
) -> None:
    def pieces() -> Iterator[bytes]:
        with io.BytesIO(content) as stream:
            while piece := stream.read(1_000_003):
                yield piece

    with bad_line(url, store, Cuts(every=10 * MIB, times=3)) as (client, proxy):
        file = client.files.put(pieces(), "piped")
    assert (file.size, file.sha256) == (SIZE, sha256(content).hexdigest())
    assert proxy.sent <= SIZE + proxy.cuts * CHUNK + LITTLE


def test_another_process_goes_on_where_one_was_ended(
    strongroom: Strongroom, store: MemoryTokenStore, url: str, source: Path, tmp_path: Path
) -> None:
    states = FileUploadStates(tmp_path / "states")
    with pytest.raises(GoneAway):
        strongroom.files.put(source, "large", states=states, progress=until(20 * MIB))
    with bad_line(url, store, Cuts(every=SIZE, times=0)) as (client, proxy):
        # By another address the service is another one: so the state is that of the first.
        assert client.files.put(source, "other", states=states).sha256 == digest(source)
        before = proxy.sent
    assert before >= SIZE
    told: list[int] = []
    file = strongroom.files.put(source, "large", states=states, progress=lambda done, _: told.append(done))
    assert file.sha256 == digest(source)
    assert told[0] >= 16 * MIB
    assert list((tmp_path / "states").iterdir()) == []


def test_what_nobody_can_go_on_with_is_not_left_behind(
    strongroom: Strongroom, administrator: Strongroom, source: Path
) -> None:
    with pytest.raises(GoneAway):
        strongroom.files.put(source, "large", progress=until(20 * MIB))
    who = strongroom.account.profile()
    administrator.admin.set_quota(who.id, SIZE)  # what is announced and not there yet counts too
    assert strongroom.files.put(source, "large").size == SIZE


def test_a_download_goes_on_after_every_cut(
    strongroom: Strongroom, store: MemoryTokenStore, url: str, content: bytes, source: Path, tmp_path: Path
) -> None:
    file = strongroom.files.put(source, "large")
    for parallel in (1, 4):
        with bad_line(url, store, Cuts(every=10 * MIB, times=4, down=True)) as (client, proxy):
            found = client.files.download(file, tmp_path / f"found-{parallel}", parallel=parallel)
        assert proxy.cuts == 4
        assert found.read_bytes() == content
        assert proxy.sent <= SIZE + proxy.cuts * LITTLE
        assert list(tmp_path.glob("*-part*")) == []


def test_a_stream_goes_on_after_every_cut(
    strongroom: Strongroom, store: MemoryTokenStore, url: str, content: bytes, source: Path
) -> None:
    file = strongroom.files.put(source, "large")
    with bad_line(url, store, Cuts(every=10 * MIB, times=4, down=True)) as (client, proxy):
        assert b"".join(client.files.stream(file, start=5, end=SIZE - 5)) == content[5:-5]
    assert proxy.cuts == 4


def test_a_later_download_goes_on_where_one_was_ended(
    strongroom: Strongroom, store: MemoryTokenStore, url: str, content: bytes, source: Path, tmp_path: Path
) -> None:
    file = strongroom.files.put(source, "large")
    place = tmp_path / "found"
    with pytest.raises(GoneAway):
        strongroom.files.download(file, place, progress=until(30 * MIB))
    assert not place.exists()
    with bad_line(url, store, Cuts(every=SIZE, times=0, down=True)) as (client, proxy):
        client.files.download(file, place)
    assert place.read_bytes() == content
    assert proxy.sent <= SIZE - 29 * MIB + LITTLE


def test_a_file_that_became_another_is_begun_again(strongroom: Strongroom, source: Path, tmp_path: Path) -> None:
    file = strongroom.files.put(source, "large")
    place = tmp_path / "found"
    with pytest.raises(GoneAway):
        strongroom.files.download(file, place, progress=until(30 * MIB))
    other = os.urandom(SIZE)
    strongroom.files.put(other, "large")
    strongroom.files.download(file, place)
    assert place.read_bytes() == other


def test_a_file_that_becomes_another_meanwhile_is_begun_again(
    strongroom: Strongroom, store: MemoryTokenStore, url: str, source: Path, tmp_path: Path
) -> None:
    file = strongroom.files.put(source, "large")
    other = os.urandom(SIZE)
    changed: list[int] = []

    def change(done: int, _: int | None) -> None:
        if done >= 2 * MIB and not changed:
            changed.append(done)
            with Strongroom(url, PersonTokens(url, store)) as second:
                second.files.put(other, "large")

    place = strongroom.files.download(file, tmp_path / "found", parallel=1, progress=change)
    assert changed
    assert place.read_bytes() == other


def test_a_version_is_downloaded_as_it_was(strongroom: Strongroom, tmp_path: Path) -> None:
    strongroom.files.put(b"first", "notes")
    file = strongroom.files.put(b"second", "notes")
    assert file.version == 2
    assert strongroom.files.download(file, tmp_path / "a", version=1).read_bytes() == b"first"
    assert b"".join(strongroom.files.stream(file, version=1, start=1, end=3)) == b"ir"
    assert [one.version for one in strongroom.files.versions(file)] == [2, 1]
    assert strongroom.files.restore(file, version=1).version == 3


def test_a_download_into_a_folder_has_the_files_name(strongroom: Strongroom, tmp_path: Path) -> None:
    file = strongroom.files.put(b"", "a/b/empty")
    assert strongroom.files.download(file, tmp_path) == tmp_path / "empty"
    assert (tmp_path / "empty").read_bytes() == b""


@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1, 2 * CHUNK])
@pytest.mark.parametrize("kind", ["bytes", "path", "file", "pieces", "async pieces"])
def test_every_source_of_every_size_arrives(strongroom: Strongroom, tmp_path: Path, size: int, kind: str) -> None:
    data = os.urandom(size)
    path = tmp_path / "source"
    path.write_bytes(data)

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, size, 1_000_000):
            yield data[start : start + 1_000_000]

    with path.open("rb") as file:
        sources = {"bytes": data, "path": path, "file": file, "pieces": iter([data]), "async pieces": pieces()}
        stored = strongroom.files.put(sources[kind], "any")  # type: ignore[arg-type]
    assert (stored.size, stored.sha256) == (size, sha256(data).hexdigest())


def test_conditions_hold_for_small_and_large_ones(strongroom: Strongroom, source: Path) -> None:
    strongroom.files.put(b"first", "notes", if_none_match="*")
    for content in (b"second", source):
        with pytest.raises(PreconditionFailed):
            strongroom.files.put(content, "notes", if_none_match="*")
    etag = f'"{sha256(b"first").hexdigest()}"'
    assert strongroom.files.put(source, "notes", if_match=etag).sha256 == digest(source)


async def test_a_list_has_everything_once_and_in_order(url: str, app: App) -> None:
    files = [("files", (f"{number:04}.bin", b"\0")) for number in range(450)]
    assert app.http.post("/files/upload/multiple", files=files).status_code == 201
    async with AsyncStrongroom(url) as strongroom:
        await strongroom.account.sign_in(app.email, PASSWORD)
        paths = [file.path async for file in strongroom.files.list(sort="path")]
        assert paths == [f"{number:04}.bin" for number in range(450)]
        newest = [file async for file in strongroom.files.list()]
        assert len({file.id for file in newest}) == 450
        assert all(one.created_at >= other.created_at for one, other in pairwise(newest))


def test_files_are_found_changed_and_removed(strongroom: Strongroom) -> None:
    file = strongroom.files.put(b"%PDF-1.4", "reports/q3.pdf", content_type="application/pdf")
    assert strongroom.files.at("reports/q3.pdf").id == file.id
    with pytest.raises(NotFound):
        strongroom.files.at("reports/q3")
    tagged = strongroom.files.update(file, filename="q4.pdf", tags=["draft"], metadata={"a": [1]})
    assert (tagged.path, tagged.tags, tagged.metadata) == ("reports/q4.pdf", ["draft"], {"a": [1]})
    assert [one.id for one in strongroom.files.list(tags=["draft"], prefix="reports/", q="q4")] == [file.id]
    copy = strongroom.files.copy(file, "copy")
    with pytest.raises(Conflict) as raised:
        strongroom.files.copy(file, "copy")
    assert raised.value.slug == "path-taken"
    assert strongroom.folders.move("reports", "archive") == 1
    assert strongroom.folders.trash("archive/") == 1
    with pytest.raises(NotFound):
        strongroom.folders.delete("archive")
    assert [one.id for one in strongroom.files.list(trashed=True)] == [file.id]
    assert strongroom.files.restore(file).path == "archive/q4.pdf"
    strongroom.files.trash(copy)
    assert strongroom.files.empty_trash() == 1
    strongroom.files.delete(file)
    with pytest.raises(NotFound):
        strongroom.files.get(file)
    with pytest.raises(Unprocessable):
        strongroom.files.put(b"", "control\x01character")


def test_what_is_inside_files_is_read(strongroom: Strongroom) -> None:
    table = strongroom.files.put(b"city;people\nUlm;129942\nBern;137995\nRome;2746984\n", "cities.csv")
    rows = strongroom.files.rows(table, where="people > 130000", order_by="-people", columns="city,people", page_size=1)
    assert [(one.name, one.type) for one in rows.columns] == [("city", "string"), ("people", "integer")]
    assert (rows.row_count, [list(one) for one in rows]) == (2, [["Rome", 2746984], ["Bern", 137995]])
    with pytest.raises(Unprocessable):
        strongroom.files.rows(table, where="people >")
    letter = strongroom.files.put(b"Hello, Strongroom", "hello.txt")
    assert eventually(lambda: strongroom.files.text(letter)).text == "Hello, Strongroom\n"
    with pytest.raises(NotFound):
        strongroom.files.thumbnail(letter)
    broken = strongroom.files.put(b"\x89PNG\r\n\x1a\nand nothing else", "broken.png")
    with pytest.raises(UnreadableFile):
        eventually(lambda: strongroom.files.thumbnail(broken))
    assert b"hello.txt" in b"".join(strongroom.files.export_csv())
    assert [one.snippet for one in strongroom.files.list(q="hello")] != []


def eventually(ask: Callable[[], Result]) -> Result:
    """Once the worker has been at it."""
    until = time.monotonic() + 60
    while True:
        try:
            return ask()
        except NotReadYet:
            assert time.monotonic() < until
            time.sleep(0.1)  # nobody tells


def test_links_and_archives(strongroom: Strongroom) -> None:
    file = strongroom.files.put(b"hello", "a/b")
    link = strongroom.links.create(file, max_downloads=5)
    assert link.url.startswith("http")
    assert link.url not in repr(link)
    strongroom.links.create(folder="a", password="secret")
    assert [one.folder for one in strongroom.links.list()] == ["a", None]
    strongroom.links.delete(link)
    with pytest.raises(NotFound):
        strongroom.links.delete(link)
    assert b"".join(strongroom.archive(prefix="a")).startswith(b"PK")
    assert b"".join(strongroom.archive(ids=[file])).startswith(b"PK")


def test_a_session_that_was_ended_from_elsewhere_is_signed_out(strongroom: Strongroom, url: str) -> None:
    with Strongroom(url) as other:
        other.account.sign_in(strongroom.account.profile().email, PASSWORD)
        (theirs,) = [one for one in other.account.sessions() if not one.current]
        other.account.end_session(theirs.id)
        with pytest.raises(SignedOut):
            # Until the gateway has heard of it, which takes two seconds at the most.
            deque((strongroom.files.usage() for _ in count()), maxlen=0)
        with pytest.raises(SignedOut):
            strongroom.files.usage()


def test_signing_out_ends_the_session(strongroom: Strongroom, store: MemoryTokenStore, url: str) -> None:
    before = store.load()
    assert before is not None
    strongroom.account.sign_out()
    assert store.load() is None
    spent = MemoryTokenStore(before.model_copy(update={"expires_at": before.issued_at}))
    with Strongroom(url, PersonTokens(url, spent)) as other, pytest.raises(SignedOut):
        other.files.usage()


def test_a_wrong_password_is_a_sign_in_that_is_refused(strongroom: Strongroom) -> None:
    with pytest.raises(SignInRefused):
        strongroom.account.sign_in(strongroom.account.profile().email, "wrong")


def test_the_tokens_are_renewed_by_a_refresh_token_that_is_good_once(url: str, tmp_path: Path) -> None:
    store = FileTokenStore(tmp_path / "tokens.json")
    with Strongroom(url, PersonTokens(url, store)) as client:
        email = f"{uuid4().hex}@example.com"
        client.account.register(email, PASSWORD)
        client.account.sign_in(email, PASSWORD)
    for _ in range(3):
        before = store.load()
        assert before is not None
        store.save(before.model_copy(update={"expires_at": before.issued_at}))
        with Strongroom(url, PersonTokens(url, store)) as client:
            assert client.files.usage().count == 0
        after = store.load()
        assert after is not None
        assert after.refresh_token != before.refresh_token


def test_administrators_see_and_change_what_is_theirs(strongroom: Strongroom, administrator: Strongroom) -> None:
    who = strongroom.account.profile()
    admin = administrator.admin
    assert [one.id for one in admin.users(who.email)] == [who.id]
    assert "user" in admin.user(who.id).roles
    assert admin.set_quota(who.id, 10).quota == 10
    with pytest.raises(QuotaExceeded) as raised:
        strongroom.files.put(b"x" * 11, "a")
    assert raised.value.left == 10
    assert admin.quota(who.id).quota == 10
    assert admin.put_role("guest", ["files:read"]).scopes == ["files:read"]
    assert "guest" in [one.name for one in admin.roles()]
    assert admin.set_roles(who.id, ["guest"]).roles == ["guest"]
    assert admin.disable(who.id).disabled_at is not None
    assert admin.enable(who.id).disabled_at is None
    admin.end_sessions(who.id)
    keys = admin.keys()
    assert "active" in [one.state for one in keys]
    assert next(iter(admin.audit(account_id=who.id))).account_id == who.id
    assert [one.state for one in admin.jobs(state="failed")] == []
    with pytest.raises(NotFound):
        admin.retry_job(1)
    admin.delete_user(who.id)
    with pytest.raises(NotFound):
        admin.user(who.id)


async def test_a_program_calls_with_its_own_credentials(url: str, administrator: Strongroom) -> None:
    made = administrator.admin.register_client("reports", ["files:read", "files:write"])
    assert made.client_secret is not None
    assert made.client_secret not in repr(made)
    async with (
        ClientCredentials(f"{url}/auth/token", made.client_id, made.client_secret) as tokens,
        AsyncStrongroom(url, tokens) as program,
    ):
        await program.files.put(b"x", "a")
        assert [one.path async for one in program.files.list()] == ["a"]
        with pytest.raises(TypeError):
            await program.account.sign_out()
        with pytest.raises(Forbidden):
            await program.account.sessions()
    assert made.client_id in [one.client_id for one in administrator.admin.clients()]
    administrator.admin.renew_client_secret(made.client_id)
    administrator.admin.delete_client(made.client_id)


def test_events_are_heard_over_a_line_that_is_cut(strongroom: Strongroom, store: MemoryTokenStore, url: str) -> None:
    expected = [f"{number:02}" for number in range(60)]
    with bad_line(url, store, Cuts(every=4000, times=6, down=True)) as (client, proxy):
        heard: list[str] = []

        def listen() -> None:
            for event in client.events(after=0, types=["file.*"]):
                assert event.file is not None
                heard.append(event.file.path)
                if len(heard) == len(expected):
                    return

        thread = threading.Thread(target=listen)
        thread.start()
        for path in expected:
            strongroom.files.put(b"\0", path)
        thread.join(60)
    assert heard == expected
    assert proxy.cuts == 6


async def test_fifty_calls_and_a_renewal_go_together(url: str, strongroom: Strongroom, store: MemoryTokenStore) -> None:
    before = store.load()
    assert before is not None
    store.save(before.model_copy(update={"expires_at": before.issued_at}))
    async with AsyncStrongroom(url, PersonTokens(url, store)) as client:
        await asyncio.gather(*(client.files.usage() for _ in range(50)))

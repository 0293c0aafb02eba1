"""Everything is copied while it is in use, and comes back elsewhere as it was at one moment."""

import asyncio
import base64
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import psutil
import pytest
from app_client import PASSWORD, App
from minio import Minio
from stack import ADMIN_EMAIL, ADMIN_PASSWORD, Stack

from file_service.storage.minio_object_store import MinioObjectStore, connect
from strongroom_backup.backup import Keys, back_up
from strongroom_backup.manifest import Manifest
from strongroom_backup.repository import Repository

pytestmark = pytest.mark.heavy

MIB = 1024**2
TUS = {"Tus-Resumable": "1.0.0"}
STREAM = {**TUS, "Content-Type": "application/offset+octet-stream"}
LINK_PASSWORD = "kettle-harvest-19-violet"
CSV = b"id,name\n" + b"".join(b"%d,name %d\n" % (number, number) for number in range(2000))

Run = subprocess.CompletedProcess[str]


def command(word: str, folder: Path, data: Path, *options: str, **environment: str) -> list[Any]:
    """For subprocess: what `make backup` and `make restore` run."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("STRONGROOM_")}
    program = [sys.executable, "-m", "strongroom_backup.one_machine", word, str(folder), *options]
    return [program, {**clean, "STRONGROOM_DATA": str(data), **environment}]


def run(word: str, folder: Path, data: Path, *options: str, **environment: str) -> Run:
    program, settings = command(word, folder, data, *options, **environment)
    return subprocess.run(program, env=settings, capture_output=True, text=True, timeout=300, check=False)


def backed_up(folder: Path, data: Path, *options: str) -> Manifest:
    made = run("backup", folder, data, *options)
    assert made.returncode == 0, made.stdout + made.stderr
    return newest(folder)


def newest(folder: Path) -> Manifest:
    return Repository(folder).snapshot(None).manifest()


def verified(folder: Path) -> Run:
    program = [sys.executable, "-m", "strongroom_backup", "verify", str(folder)]
    return subprocess.run(program, capture_output=True, text=True, timeout=300, check=False)


def wait_until(true: Callable[[], bool], *, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not become true"
        time.sleep(0.02)  # nobody tells


# What there is


@dataclass
class House:
    """Somebody's files, and what has to be true of them wherever they are brought back. Versions are by file."""

    email: str
    token: str = ""
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    contents: dict[tuple[str, int], str] = field(default_factory=dict)
    trashed: str = ""
    link: str = ""
    table: str = ""
    tail: str = ""
    parts: str = ""

    def keep(self, file: dict[str, Any], content: bytes) -> str:
        self.files[file["id"]] = file
        self.contents[file["id"], file["version"]] = sha256(content).hexdigest()
        return str(file["id"])


def furnish(app: App) -> House:
    house = House(app.email, app.tokens["access_token"])
    for number, size in enumerate((0, 1, 1000, MIB, 6 * MIB)):
        content = os.urandom(size)
        house.keep(app.upload(content, f"{number}.bin"), content)
    notes = [house.keep(app.http.put("/files/raw/notes.txt", content=one).json(), one) for one in (b"first", b"second")]
    house.trashed = str(app.upload(b"in the trash", "old.txt")["id"])
    app.http.delete(f"/files/{house.trashed}")
    house.table = house.keep(app.upload(CSV, "table.csv"), CSV)
    wait_until(lambda: not any(is_being_read(app, file) for file in house.files))
    house.link = app.http.post(f"/files/{notes[-1]}/links", json={"password": LINK_PASSWORD}).json()["url"]
    house.tail, house.parts = begun(app, "tail", b"tail of it"), begun(app, "parts", bytes(9 * MIB))
    return house


def is_being_read(app: App, file: str) -> bool:
    """What comes of that is stored too."""
    return any(one["state"] == "waiting" for one in app.http.get(f"/files/{file}").json()["derived"])


def begun(app: App, name: str, first: bytes) -> str:
    """The path of an upload that has more to come."""
    named = {"Upload-Metadata": f"filename {base64.b64encode(name.encode()).decode()}"}
    made = app.http.post("/files/uploads", headers={**TUS, "Upload-Length": str(len(first) + 5)} | named)
    sent = app.http.patch(made.headers["location"], headers={**STREAM, "Upload-Offset": "0"}, content=first)
    assert sent.status_code == 204, sent.text
    return urlsplit(made.headers["location"]).path


def check(app: App, house: House) -> None:
    """All of it is there, byte for byte."""
    app.http.headers["Authorization"] = f"Bearer {house.token}"
    assert app.http.get("/auth/profile").json()["email"] == house.email, "a token from before verifies"
    app.sign_in(house.email, PASSWORD)
    listed = {file["id"]: file for file in app.listing()}
    assert listed == house.files
    for (file, version), expected in house.contents.items():
        got = app.http.get(f"/files/{file}/download", params={"version": version})
        assert (got.status_code, sha256(got.content).hexdigest()) == (200, expected)
    assert app.http.post(f"/files/{house.trashed}/restore").status_code == 200
    assert app.http.get(f"/files/{house.table}/rows", params={"where": "id = 77"}).json()["rows"] == [[77, "name 77"]]
    answer = app.http.get(urlsplit(house.link).path, auth=("", LINK_PASSWORD))
    assert (answer.status_code, answer.content) == (200, b"second"), answer.text
    head = app.http.head(house.tail, headers=TUS)
    assert head.headers["upload-offset"] == "10"
    rest = app.http.patch(house.tail, headers={**STREAM, "Upload-Offset": "10"}, content=b" rest")
    assert rest.status_code == 204, rest.text
    assert app.http.head(house.parts, headers=TUS).status_code == 404, "what was sent in parts begins anew"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack(tmp_path_factory.mktemp("source") / "data").wait_until_ready()
    yield stack
    stack.kill()


@pytest.fixture(scope="module")
def house(source: Stack) -> House:
    with App(source.url) as app:
        app.sign_up()
        return furnish(app)


@pytest.fixture(scope="module")
def copy(source: Stack, house: House, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one backup."""
    folder = tmp_path_factory.mktemp("copies") / "copy"
    backed_up(folder, source.data)
    return folder


@pytest.fixture
def folder(copy: Path, tmp_path: Path) -> Path:
    """The same, for a test that changes it."""
    return Path(shutil.copytree(copy, tmp_path / "copy"))


@contextmanager
def come_back(folder: Path, data: Path, source: Stack) -> Iterator[str]:
    """Where it runs again. Clients still know it by its old address, which is in their tokens."""
    restored = run("restore", folder, data)
    assert restored.returncode == 0, restored.stdout + restored.stderr
    stack = Stack(data, STRONGROOM_PUBLIC_URL=source.url).wait_until_ready()
    try:
        gateway = stack.service("gateway").net_connections("tcp")
        (port,) = {one.laddr.port for one in gateway if one.status == psutil.CONN_LISTEN}
        yield f"http://127.0.0.1:{port}"
    finally:
        stack.kill()


class Busy:
    """Somebody who uploads and removes for good, again and again, while inside."""

    def __init__(self, url: str) -> None:
        self._app = App(url)
        self._app.sign_up()
        self.email = self._app.email
        self.turns = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def _work(self) -> None:
        left: list[str] = []
        while not self._stop.is_set():
            left.append(str(self._app.upload(os.urandom(50_000), f"{self.turns}.bin")["id"]))
            if len(left) > 3:
                gone = self._app.http.delete(f"/files/{left.pop(0)}", params={"permanent": True})
                assert gone.status_code == 204
            self.turns += 1
            self._stop.wait(0.05)  # others have work to do too

    def __enter__(self) -> "Busy":
        self._thread.start()
        wait_until(lambda: self.turns > 5)
        return self

    def __exit__(self, *failure: object) -> None:
        self._stop.set()
        self._thread.join()
        self._app.close()


def test_what_is_in_use_is_copied_and_comes_back_as_it_was(source: Stack, house: House, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    with Busy(source.url) as busy:
        first = backed_up(folder, source.data)
        began, second = busy.turns, backed_up(folder, source.data)
        assert busy.turns > began
    assert first.lacking == second.lacking == ()
    assert second.copied < second.objects.lines
    assert verified(folder).returncode == 0
    with come_back(folder, tmp_path / "new", source) as url, App(url) as app, App(url) as other:
        check(app, house)
        other.sign_in(busy.email, PASSWORD)
        for file in other.listing():
            assert sha256(b"".join(other.download(file["id"]))).hexdigest() == file["sha256"]


def test_work_that_was_waiting_is_done_where_it_comes_back(source: Stack, tmp_path: Path) -> None:
    worker = next(one for one in source.processes() if one.cmdline()[-2:] == ["file_service", "work"])
    with App(source.url) as app:
        app.sign_up()
        worker.suspend()
        try:
            file = app.upload(b"a word that is looked for: quince", "quince.txt")["id"]
            assert app.http.get(f"/files/{file}/text").status_code != 200
            backed_up(tmp_path / "copy", source.data)
        finally:
            worker.resume()
    with come_back(tmp_path / "copy", tmp_path / "new", source) as url, App(url) as later:
        later.sign_in(app.email, PASSWORD)
        wait_until(lambda: "quince" in later.http.get(f"/files/{file}/text").text)


def test_a_second_backup_copies_only_what_is_new(source: Stack, folder: Path) -> None:
    before = newest(folder)
    with App(source.url) as app:
        app.sign_up()
        app.upload(b"\x00new", "new.bin")
        after = backed_up(folder, source.data)
    assert (before.copied, after.copied) == (before.objects.lines, 1)
    assert after.objects.lines == before.objects.lines + 1


def test_old_snapshots_can_be_dropped_and_the_newest_stays_whole(source: Stack, folder: Path) -> None:
    with App(source.url) as app:
        app.sign_up()
        file = app.upload(b"\x00short-lived", "short.bin")["id"]
        backed_up(folder, source.data)
        app.http.delete(f"/files/{file}", params={"permanent": True})
        backed_up(folder, source.data, "--keep", "1")
    repository = Repository(folder)
    assert len(repository.snapshots()) == 1
    assert len(list(repository.stored_keys())) == newest(folder).objects.lines
    assert verified(folder).returncode == 0


def test_only_their_owner_may_read_any_of_it(copy: Path) -> None:
    modes = {(path.is_dir(), path.stat().st_mode & 0o777) for path in (copy, *copy.rglob("*"))}
    assert modes == {(True, 0o700), (False, 0o600)}


# What is removed meanwhile


class Interrupted(MinioObjectStore):
    """The real store; before the first object is read, something happens."""

    def __init__(self, client: Minio, bucket: str, happens: Callable[[], None]) -> None:
        super().__init__(client, bucket)
        self._happens = [happens]

    @asynccontextmanager
    async def get(self, key: str, *, start: int = 0, length: int | None = None) -> AsyncIterator[AsyncIterator[bytes]]:
        while self._happens:
            await asyncio.to_thread(self._happens.pop())
        async with super().get(key, start=start, length=length) as chunks:
            yield chunks


def test_what_is_removed_for_good_while_it_is_copied_is_in_the_backup(source: Stack, tmp_path: Path) -> None:
    settings = source.service("file_service").environ()
    keys = (settings["STRONGROOM_S3_ACCESS_KEY"], settings["STRONGROOM_S3_SECRET_KEY"])
    repository = Repository(tmp_path / "copy")
    repository.prepare()

    with App(source.url) as app:
        app.sign_up()
        files = [app.upload(os.urandom(1000), f"{number}.bin") for number in range(5)]

        def remove() -> None:
            for file in files:
                assert app.http.delete(f"/files/{file['id']}", params={"permanent": True}).status_code == 204
            # Whoever frees the objects has been at it.
            wait_until(lambda: all(reason is not None for reason in reasons_to_wait(source)))

        async def take() -> Manifest:
            client = connect(settings["STRONGROOM_S3_ENDPOINT"], *keys, "us-east-1")
            store = Interrupted(client, settings["STRONGROOM_S3_BUCKET"], remove)
            try:
                with repository.claimed():
                    url = settings["STRONGROOM_DATABASE_URL"]
                    return (await back_up(repository, url, store, Keys())).manifest()
            finally:
                await store.aclose()

        assert asyncio.run(take()).lacking == ()
    held = {repository.hashed(key).sha256 for key in repository.stored_keys()}
    assert {file["sha256"] for file in files} <= held


def reasons_to_wait(stack: Stack) -> list[str | None]:
    """Of the jobs that free objects; None of those that nobody has been at."""
    with App(stack.url) as admin:
        admin.sign_in(ADMIN_EMAIL, ADMIN_PASSWORD)
        jobs = admin.http.get("/files/jobs", params={"limit": 1000}).json()["items"]
    return [job["reason"] for job in jobs if job["name"] == "free-objects"]


# What goes wrong


def spoil(path: Path) -> None:
    """As a disk does: the size stays."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def an_object(folder: Path) -> Path:
    return max((path for path in (folder / "objects").glob("*/*")), key=lambda path: path.stat().st_size)


def some_rows(folder: Path) -> Path:
    return Repository(folder).snapshot(None).rows("auth.accounts")


def the_list(folder: Path) -> Path:
    return Repository(folder).snapshot(None).objects


def the_manifest(folder: Path) -> Path:
    return Repository(folder).snapshot(None).path / "manifest.json"


@pytest.mark.parametrize("victim", [an_object, some_rows, the_list, the_manifest])
def test_what_is_damaged_is_noticed_and_never_restored(
    folder: Path, tmp_path: Path, victim: Callable[[Path], Path]
) -> None:
    path = victim(folder)
    spoil(path)
    found = verified(folder)
    assert (found.returncode, str(path) in found.stdout) == (1, True), found.stdout + found.stderr
    refused = run("restore", folder, tmp_path / "new")
    assert (refused.returncode, str(path) in refused.stderr) == (1, True), refused.stdout + refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_backup_that_is_killed_leaves_the_one_before(source: Stack, folder: Path) -> None:
    before = Repository(folder).snapshot(None).name
    with App(source.url) as app:
        app.sign_up()
        for number in range(4):
            app.upload(os.urandom(24 * MIB), f"{number}.bin")
        program, settings = command("backup", folder, source.data, "--at-once", "1")
        with subprocess.Popen(program, env=settings, stdout=subprocess.DEVNULL) as process:
            wait_until(lambda: any((folder / "objects").glob("*/*.partial")))
            process.kill()
    assert [one.name for one in Repository(folder).snapshots()] == [before]
    assert verified(folder).returncode == 0
    assert backed_up(folder, source.data).objects.lines >= 4
    assert len(Repository(folder).snapshots()) == 2


def test_nothing_is_restored_where_a_stack_runs(source: Stack, copy: Path) -> None:
    refused = run("restore", copy, source.data)
    assert (refused.returncode, refused.stderr.startswith("StackRuns: ")) == (1, True), refused.stderr


def test_nothing_is_restored_over_what_is_there(own_stack: Callable[..., Stack], copy: Path, tmp_path: Path) -> None:
    other = own_stack().wait_until_ready()
    other.stop()
    refused = run("restore", copy, other.data)
    assert (refused.returncode, refused.stderr.startswith("NotEmpty: ")) == (1, True), refused.stderr
    # Also if the keys would fit.
    own = tmp_path / "own"
    backed_up(own, other.data)
    refused = run("restore", own, other.data)
    assert (refused.returncode, refused.stderr.startswith("NotEmpty: There are rows in")) == (1, True), refused.stderr


def test_without_its_keys_a_backup_wants_the_right_one(source: Stack, house: House, tmp_path: Path) -> None:
    folder, data = tmp_path / "copy", tmp_path / "new"
    assert backed_up(folder, source.data, "--without-keys").keys == {}
    refused = run("restore", folder, data)
    assert (refused.returncode, refused.stderr.startswith("OtherMasterKey: ")) == (1, True), refused.stderr
    other = base64.b64encode(bytes(32)).decode()
    refused = run("restore", folder, data, STRONGROOM_MASTER_KEY=other)
    assert (refused.returncode, "OtherMasterKey: " in refused.stderr) == (1, True), refused.stderr
    right = (source.data / "secrets" / "master-key").read_text().strip()
    assert run("restore", folder, data, STRONGROOM_MASTER_KEY=right).returncode == 0


def test_a_folder_with_something_else_in_it_is_left_alone(source: Stack, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    refused = run("backup", tmp_path, source.data)
    assert (refused.returncode, refused.stderr.startswith("NotARepository: ")) == (1, True), refused.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]
    assert httpx2.get(f"{source.url}/health", trust_env=False).status_code == 200

"""Resumable uploads with the clients of others, over a connection that breaks, and on a service that is killed."""

import asyncio
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx2
import pytest
from app_client import App
from cutting_proxy import Cuts
from minio import Minio
from roads import Road, plain_road, road_behind_caddy
from second_file_service import mortal_file_service
from stack import Stack

pytestmark = pytest.mark.heavy

SCRIPTS = Path(__file__).parent / "javascript"
NODE, NPM = shutil.which("node") or "", shutil.which("npm") or ""
MIB = 1024 * 1024
SIZE = 300 * MIB
CUTS = 10


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("source") / "large"
    with path.open("wb") as file:
        for _ in range(SIZE // MIB):
            file.write(os.urandom(MIB))
    return path


@pytest.fixture(scope="module")
def digest(source: Path) -> str:
    with source.open("rb") as file:
        found = sha256()
        while block := file.read(MIB):
            found.update(block)
    return found.hexdigest()


@pytest.fixture(params=["plain", "behind Caddy"])
def road(request: pytest.FixtureRequest, own_stack: Callable[..., Stack], tmp_path: Path) -> Iterator[Road]:
    """Cut ten times. Behind Caddy it is on another port, in https, and below a path prefix."""
    cuts = Cuts(every=SIZE // (CUTS + 1), times=CUTS)
    plain = request.param == "plain"
    with plain_road(own_stack, cuts) if plain else road_behind_caddy(own_stack, cuts, tmp_path) as road:
        yield road


@pytest.fixture
def javascript(tmp_path: Path) -> Path:
    folder = tmp_path / "javascript"
    shutil.copytree(SCRIPTS, folder, ignore=shutil.ignore_patterns("node_modules"))
    command = [NPM, "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
    subprocess.run(command, cwd=folder, capture_output=True, check=True)
    return folder


def with_two_kills(road: Road, upload: Callable[[], None]) -> None:
    """Kills the file service when a third, and when two thirds of the bytes have gone up.

    There is another one, or `tus-js-client` would be told that none is there, and would begin anew.
    """
    with ThreadPoolExecutor(1) as pool:
        started = time.perf_counter()
        uploading = pool.submit(upload)
        for third in (1, 2):
            road.proxy.wait_until_sent(SIZE * third // 3)
            assert not uploading.done()
            road.kill_who_is_at_it()
        uploading.result()
        print(
            f"300 MiB to {road.url} with {road.proxy.cuts} cuts and 2 kills: {time.perf_counter() - started:.1f} s, "
            f"{road.proxy.sent / MIB:.0f} MiB sent"
        )
    assert road.proxy.cuts == CUTS


def downloaded(app: App, file: dict[str, Any]) -> str:
    """The SHA-256 of what comes back."""
    back = sha256()
    for chunk in app.download(file["id"]):
        back.update(chunk)
    return back.hexdigest()


def nothing_is_left_over(stack: Stack, app: App) -> None:
    """In the store is what files consist of, once the jobs are done, and no part of anything."""
    settings = stack.service("file_service").environ()
    s3 = Minio(
        endpoint=settings["STRONGROOM_S3_ENDPOINT"].removeprefix("http://"),
        access_key=settings["STRONGROOM_S3_ACCESS_KEY"],
        secret_key=settings["STRONGROOM_S3_SECRET_KEY"],
        secure=False,
        region="us-east-1",
    )
    bucket = settings.get("STRONGROOM_S3_BUCKET", "strongroom")
    until = time.monotonic() + 60  # a job that a killed service had in hand is taken up again after 30 s
    while True:
        objects = list(s3.list_objects(bucket_name=bucket, recursive=True))
        if len(objects) == len(app.listing()) or time.monotonic() > until:
            break
        time.sleep(0.2)  # nobody tells when the jobs are done
    assert sorted(one.size or 0 for one in objects) == sorted(file["size"] for file in app.listing())
    assert s3._list_multipart_uploads(bucket).uploads == []  # noqa: SLF001 - the SDK has no public way


def test_tuspy_gets_a_file_through(road: Road, source: Path, digest: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from tusclient.client import TusClient  # only here: it brings `requests`

    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    if road.authority:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(road.authority.file))
    with road.app() as app, source.open("rb") as stream:
        app.sign_up()
        client = TusClient(f"{road.url}/files/uploads", headers={"Authorization": app.http.headers["Authorization"]})
        uploader = client.uploader(
            file_stream=stream, chunk_size=64 * MIB, metadata={"filename": "large"}, retries=100, retry_delay=1
        )
        with_two_kills(road, uploader.upload)
        (file,) = app.listing()
        assert (file["path"], file["size"], file["sha256"]) == ("large", SIZE, digest)
        checked = client.uploader(
            file_stream=stream, chunk_size=5 * MIB, metadata={"path": "a/checked"}, upload_checksum=True, retries=5
        )
        checked.upload(stop_at=32 * MIB)
        checked.upload()
        assert {file["path"]: file["sha256"] for file in app.listing()} == {"large": digest, "a/checked": digest}
        assert downloaded(app, file) == digest
        nothing_is_left_over(road.stack, app)


@pytest.mark.skipif(not (NODE and NPM), reason="node and npm are needed to run JavaScript, and were not found")
def test_tus_js_client_gets_files_through(road: Road, source: Path, digest: str, javascript: Path) -> None:
    with road.app() as app:
        app.sign_up()
        environment = {
            "ENDPOINT": f"{road.url}/files/uploads",
            "TOKEN": app.tokens["access_token"],
            "SOURCE": str(source),
            **({"NODE_EXTRA_CA_CERTS": str(road.authority.file)} if road.authority else {}),
        }

        def run(tests: str) -> None:
            ran = subprocess.run(
                [NODE, f"--test-name-pattern={tests}", "tus_js_client.mjs"],
                cwd=javascript,
                env={**os.environ, **environment},
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )
            assert ran.returncode == 0, ran.stdout + ran.stderr

        with_two_kills(road, lambda: run("over a connection that is cut"))
        (file,) = app.listing()
        assert (file["path"], file["size"], file["sha256"]) == ("cut", SIZE, digest)
        assert downloaded(app, file) == digest
        nothing_is_left_over(road.stack, app)
        run("of unknown length|at the same time|for good")
        files = {file["path"]: (file["size"], file["sha256"]) for file in app.listing()}
        content = source.read_bytes()
        assert files == {
            "cut": (SIZE, digest),
            "deferred": (20_000_000, sha256(content[:20_000_000]).hexdigest()),
            "parallel": (60_000_000, sha256(content[:60_000_000]).hexdigest()),
        }


async def test_eight_partial_uploads_at_the_same_time_make_one_right_file(embedded: Stack) -> None:
    content = os.urandom(8 * 12 * MIB + 8_191)
    edges = [len(content) * number // 8 for number in range(9)]
    with App(embedded.url) as app:
        app.sign_up()
        headers = {"Authorization": app.http.headers["Authorization"], "Tus-Resumable": "1.0.0"}
        async with httpx2.AsyncClient(base_url=embedded.url, headers=headers, timeout=120, trust_env=False) as http:

            async def partial(start: int, end: int) -> str:
                """In three requests; its address."""
                wanted = {"Upload-Concat": "partial", "Upload-Length": str(end - start)}
                created = await http.post("/files/uploads", headers=wanted)
                assert created.status_code == 201, created.text
                address, step = created.headers["location"], (end - start) // 3 + 1
                for offset in range(start, end, step):
                    piece = content[offset : min(offset + step, end)]
                    at = {"Upload-Offset": str(offset - start), "Content-Type": "application/offset+octet-stream"}
                    sent = await http.patch(address, headers=at, content=piece)
                    assert sent.status_code == 204, sent.text
                return str(address)

            started = time.perf_counter()
            addresses = await asyncio.gather(*(partial(*ends) for ends in pairwise(edges)))
            assert app.listing() == []
            final = {"Upload-Concat": f"final;{' '.join(addresses)}", "Upload-Metadata": "filename d2hvbGU="}
            answer = await http.post("/files/uploads", headers=final)
            took = time.perf_counter() - started
        assert answer.status_code == 201, answer.text
        (file,) = app.listing()
        assert (file["id"], file["path"]) == (answer.headers["strongroom-file"], "whole")
        assert (file["size"], file["sha256"]) == (len(content), sha256(content).hexdigest())
        assert downloaded(app, file) == file["sha256"]
        print(f"8 partial uploads at once, {len(content) / MIB:.0f} MiB together: {took:.1f} s")


def test_a_killed_service_loses_nothing_that_it_said_was_there(embedded: Stack, source: Path) -> None:
    content = source.read_bytes()[: 100 * MIB]
    with App(embedded.url) as app:
        app.sign_up()
        tus = {"Tus-Resumable": "1.0.0"}
        metadata = {"Upload-Metadata": "filename a2lsbGVk", "Upload-Length": str(len(content))}
        path = (
            "/files/uploads/"
            + app.http.post("/files/uploads", headers=tus | metadata).headers["location"].rpartition("/")[2]
        )

        def ask(method: str, http: httpx2.Client, body: object = None, offset: int | None = None) -> httpx2.Response:
            headers = {**tus, "Authorization": app.http.headers["Authorization"]}
            if offset is not None:
                headers |= {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
            return http.request(method, path, content=body, headers=headers)  # type: ignore[arg-type]

        def offset() -> int:
            return int(ask("HEAD", app.http).headers["upload-offset"])

        for sent in (1, 9 * MIB, 30 * MIB + 5):
            before = offset()
            with (
                mortal_file_service(embedded) as (origin, kill),
                httpx2.Client(base_url=origin, timeout=60, trust_env=False) as http,
            ):
                gone = threading.Event()

                def body(
                    before: int = before,
                    sent: int = sent,
                    gone: threading.Event = gone,
                    kill: Callable[[], None] = kill,
                ) -> Iterator[bytes]:
                    for start in range(before, before + sent, 64 * 1024):
                        yield content[start : min(start + 64 * 1024, before + sent)]
                    kill()
                    gone.set()
                    yield content[before + sent :]

                with suppress(httpx2.HTTPError):
                    ask("PATCH", http, body(), before)
                assert gone.is_set()
            reached = offset()
            assert before <= reached <= before + sent
            until = time.monotonic() + 20
            while (answer := ask("PATCH", app.http, b"", reached)).status_code == 423:
                assert time.monotonic() < until, "the lease of a killed service did not end"
                time.sleep(0.2)
            assert answer.status_code == 204
            assert offset() == reached
        reached = offset()
        assert reached >= 8 * MIB  # of the parts that were sent whole, but for those on their way
        assert ask("PATCH", app.http, content[reached:], reached).status_code == 204
        (file,) = app.listing()
        assert (file["size"], file["sha256"]) == (len(content), sha256(content).hexdigest())
        assert downloaded(app, file) == file["sha256"]

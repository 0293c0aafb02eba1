"""256 MiB in four requests of tus: through the whole stack, against `@tus/server`, which writes to a folder."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
from app_client import App
from bench.content import LARGE, MIB
from bench.load import carry, head
from bench.report import Figure, Finding, Skipped, ratio
from bench.rounds import rounds
from bench.transfer import Exchange
from stack import Stack

_ROUNDS = 5
_BUDGET = 45.0
_PATCH = 64 * MIB
_SERVER = Path(__file__).parent / "tus_server"
_VERSION = {"Tus-Resumable": "1.0.0"}


def resumable(stack: Stack) -> list[Finding]:
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return [Skipped("tus", "node and npm are not installed")]
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(_SERVER, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules"))
        command = [npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
        installed = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
        if installed.returncode:
            return [Skipped("tus", f"npm could not install @tus/server, exit code {installed.returncode}")]
        return [_compare(stack, node, Path(folder))]


def _compare(stack: Stack, node: str, folder: Path) -> Figure:
    stored = folder / "stored"
    with App(stack.url) as app, _tus_server(node, folder, stored) as peer:
        app.sign_up()
        authorization = {"Authorization": app.http.headers["Authorization"]}
        ours = partial(_upload, f"{stack.url}/files/uploads", authorization)
        measured = rounds({"ours": ours, "theirs": lambda: _upload_and_forget(peer, stored)}, _ROUNDS, seconds=_BUDGET)
    work = "256 MiB by tus through the whole stack, to @tus/server writing to a folder"
    return ratio(work, measured["ours"], measured["theirs"], "MiB/s")


@contextmanager
def _tus_server(node: str, folder: Path, stored: Path) -> Iterator[str]:
    """The address at which uploads are created."""
    environment = {**os.environ, "FOLDER": str(stored)}
    command = [node, "server.mjs"]
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/uploads"
        finally:
            process.terminate()


def _upload_and_forget(url: str, stored: Path) -> float:
    speed = _upload(url, {})
    assert LARGE in {path.stat().st_size for path in stored.iterdir()}
    for path in stored.iterdir():
        path.unlink()
    return speed


def _upload(url: str, more: Mapping[str, str]) -> float:
    """MiB a second, without the creation."""
    length = {"Upload-Length": str(LARGE), "Upload-Metadata": "filename bGFyZS5iaW4="}
    created = httpx2.post(url, headers={**_VERSION, **more, **length}, trust_env=False)
    assert created.status_code == 201, created.text
    upload = urlsplit(created.headers["Location"])
    assert upload.port is not None
    patches = [_patch(upload.path, upload.port, offset, more) for offset in range(0, LARGE, _PATCH)]
    return LARGE / MIB / carry(upload.port, patches).seconds


def _patch(target: str, port: int, offset: int, more: Mapping[str, str]) -> Exchange:
    about = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    fields = {**_VERSION, **more, **about, "Content-Length": str(_PATCH)}
    return Exchange(head("PATCH", target, port, **fields), 204, _PATCH // MIB)

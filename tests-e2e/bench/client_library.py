"""256 MiB between a disk and the whole stack: `strongroom.client`, which hashes them, against curl, which does not."""

import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from uuid import uuid4

from app_client import App
from bench.content import BLOCK, LARGE, MIB
from bench.report import Finding, Skipped, ratio
from bench.rounds import rounds
from stack import Stack

_ROUNDS = 5
_BUDGET = 30.0


def client_library(stack: Stack) -> list[Finding]:
    curl = shutil.which("curl")
    if curl is None:
        return [Skipped("the client library", "curl is not installed")]
    with App(stack.url) as app, tempfile.TemporaryDirectory() as folder:
        app.sign_up()
        disk = Disk(Path(folder))
        ours, theirs = Library(app, disk), Curl(app, disk, curl)
        ups = rounds({"ours": ours.put, "theirs": theirs.put}, _ROUNDS, seconds=_BUDGET)
        downs = rounds({"ours": ours.get, "theirs": theirs.get}, _ROUNDS, seconds=_BUDGET)
    return [
        ratio("256 MiB up from a disk, to curl", ups["ours"], ups["theirs"], "MiB/s"),
        ratio("256 MiB down to a disk, to curl", downs["ours"], downs["theirs"], "MiB/s"),
    ]


class Disk:
    """Where a large file lies, and a place for what comes back."""

    def __init__(self, folder: Path) -> None:
        self.source = folder / "source"
        self.place = folder / "place"
        with self.source.open("wb") as file:
            file.writelines(BLOCK for _ in range(LARGE // MIB))

    def clear(self) -> None:
        assert self.place.stat().st_size == LARGE
        self.place.unlink()


class Library:
    """Methods answer MiB a second."""

    def __init__(self, app: App, disk: Disk) -> None:
        self._files = app.strongroom.files
        self._disk = disk

    def put(self) -> float:
        began = time.perf_counter()
        self._file = self._files.put(self._disk.source, str(uuid4()))
        return _speed(began)

    def get(self) -> float:
        began = time.perf_counter()
        self._files.download(self._file, self._disk.place)
        speed = _speed(began)
        self._disk.clear()
        return speed


class Curl:
    """Methods answer MiB a second."""

    def __init__(self, app: App, disk: Disk, curl: str) -> None:
        self._app = app
        self._disk = disk
        self._command = [curl, "--silent", "--show-error", "--fail", "--noproxy", "*"]

    def put(self) -> float:
        self._path = str(uuid4())
        began = time.perf_counter()
        self._ask(f"/files/raw/{self._path}", "--output", "/dev/null", "--upload-file", str(self._disk.source))
        return _speed(began)

    def get(self) -> float:
        file = self._app.strongroom.files.at(self._path)
        began = time.perf_counter()
        self._ask(f"/files/{file.id}/download", "--output", str(self._disk.place))
        speed = _speed(began)
        self._disk.clear()
        return speed

    def _ask(self, path: str, *options: str) -> None:
        # Of standard input, since everybody sees the options of a process.
        header = f"Authorization: {self._app.http.headers['Authorization']}\n"
        url = str(self._app.http.base_url.join(path))
        subprocess.run([*self._command, *options, "--header", "@-", url], input=header, text=True, check=True)


def _speed(began: float) -> float:
    return LARGE / MIB / (time.perf_counter() - began)

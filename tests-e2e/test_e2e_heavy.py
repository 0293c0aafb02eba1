"""Proofs that take gigabytes or a crash; `make e2e` runs them."""

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import httpx2
import psutil
import pytest
from app_client import PASSWORD, App
from stack import Stack

pytestmark = pytest.mark.heavy

MIB = 1024 * 1024


class Watch:
    """The most memory that each Python process of a stack was seen to have, in bytes."""

    def __init__(self, stack: Stack) -> None:
        self.peaks: dict[str, int] = {}
        self._processes = {name: stack.service(name) for name in ("gateway", "auth_service", "file_service")}
        self._processes["launcher"] = psutil.Process(stack.pid)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def _watch(self) -> None:
        while not self._over.wait(0.1):
            for name, process in self._processes.items():
                self.peaks[name] = max(self.peaks.get(name, 0), process.memory_info().rss)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self._over.set()
        self._thread.join()


def test_a_gibibyte_goes_up_and_down_in_little_memory(own_stack: Callable[..., Stack], tmp_path: Path) -> None:
    source = tmp_path / "source.bin"
    digest = sha256()
    with source.open("wb") as file:
        for _ in range(1024):
            block = os.urandom(MIB)
            digest.update(block)
            file.write(block)
    stack = own_stack().wait_until_ready()
    with App(stack.url) as app, Watch(stack) as watch:
        app.sign_up()
        started = time.perf_counter()
        with source.open("rb") as file:
            uploaded = app.send(file, source.name)
        sent = time.perf_counter()
        assert uploaded.status_code == 201, uploaded.text
        back = sha256()
        for chunk in app.download(uploaded.json()["id"]):
            back.update(chunk)
        received = time.perf_counter()
    assert uploaded.json()["sha256"] == back.hexdigest() == digest.hexdigest()
    peaks = {name: f"{peak / MIB:.0f} MiB" for name, peak in watch.peaks.items()}
    print(f"1 GiB: up {1024 / (sent - started):.0f} MiB/s, down {1024 / (received - sent):.0f} MiB/s, peaks {peaks}")
    assert max(watch.peaks.values()) < 200 * MIB, peaks


def test_what_was_answered_survives_a_kill_of_everything(own_stack: Callable[..., Stack]) -> None:
    stack = own_stack().wait_until_ready()
    with App(stack.url) as app:
        app.sign_up()
        token = app.tokens["access_token"]
    answered: dict[str, str] = {}  # file id to SHA-256, of every upload that was answered 201
    enough = threading.Event()

    def upload_until_the_end(number: int) -> None:
        with httpx2.Client(base_url=stack.url, headers={"Authorization": f"Bearer {token}"}, timeout=60) as http:
            try:
                for turn in range(10_000):
                    content = os.urandom((1 + (number + turn) % 5) * 3 * MIB)
                    files = {"file": (f"{number}-{turn}.bin", content)}
                    answer = http.post("/files/upload", files=files)
                    if answer.status_code == 201:
                        answered[answer.json()["id"]] = sha256(content).hexdigest()
                    if len(answered) >= 20:
                        enough.set()
            except httpx2.HTTPError:
                return  # the power went

    with ThreadPoolExecutor(10) as pool:
        for number in range(10):
            pool.submit(upload_until_the_end, number)
        assert enough.wait(120)
        stack.kill()
    assert len(answered) >= 20

    again = own_stack(stack.data).wait_until_ready()
    with App(again.url) as later:
        later.sign_in(app.email, PASSWORD)
        listed = {file["id"]: file["sha256"] for file in later.listing()}
        assert answered.items() <= listed.items()
        for file_id, expected in listed.items():  # also those whose answer was lost: no row may point at nothing
            assert sha256(b"".join(later.download(file_id))).hexdigest() == expected

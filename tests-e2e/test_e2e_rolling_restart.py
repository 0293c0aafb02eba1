"""File services are restarted one after the other while clients go on working."""

import threading
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from uuid import uuid4

import httpx2
import pytest
from app_client import App
from replicas import replicas
from stack import Stack

pytestmark = pytest.mark.heavy

ROUNDS = 3
BIG = b"0123456789abcdef" * 500_000


class Load:
    """One client that does the same again and again until told to stop; `answers` counts what it was told."""

    def __init__(self, work: Callable[[httpx2.Client], int], app: App, origin: str) -> None:
        self.answers: Counter[int | str] = Counter()
        self.is_over = threading.Event()
        self._work = work
        self._http = httpx2.Client(base_url=origin, headers=app.http.headers, timeout=60, trust_env=False)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        with self._http:
            while not self.is_over.is_set():
                try:
                    self.answers[self._work(self._http)] += 1
                except httpx2.TransportError as error:
                    self.answers[repr(error)] += 1

    def stop(self) -> None:
        self.is_over.set()
        self._thread.join()


def test_no_request_fails_and_no_upload_is_wrong(embedded: Stack) -> None:
    written: dict[str, str] = {}

    def write(http: httpx2.Client) -> int:
        content = uuid4().bytes * 30_000
        path = uuid4().hex
        answer = http.put(f"/files/raw/{path}", content=content)
        if answer.status_code == 201:
            assert answer.json()["sha256"] == sha256(content).hexdigest()
            written[path] = answer.json()["sha256"]
        return answer.status_code

    with App(embedded.url) as app, replicas(embedded, 2) as (gateway, services):
        app.sign_up()
        big = app.upload(BIG, "big")

        def read(http: httpx2.Client) -> int:
            answer = http.get(f"/files/{big['id']}/download")
            assert answer.status_code != 200 or answer.content == BIG
            return answer.status_code

        def remove(http: httpx2.Client) -> int:
            made = http.put(f"/files/raw/gone/{uuid4().hex}", content=b"soon gone")
            return http.delete(f"/files/{made.json()['id']}").status_code

        works: list[Callable[[httpx2.Client], int]] = [
            read,
            write,
            lambda http: http.get("/files").status_code,
            lambda http: http.head(f"/files/{big['id']}/download").status_code,
            lambda http: http.post("/files/upload", files={"file": ("form", b"x" * 1000)}).status_code,
            remove,
        ]
        loads = [Load(work, app, gateway.origin) for work in works * 2]
        for _ in range(ROUNDS):
            for service in services:
                service.stop()
                service.start()
        for load in loads:
            load.stop()
        told = [dict(load.answers) for load in loads]
        print(told)
        for load, good in zip(loads, [200, 201, 200, 200, 201, 204] * 2, strict=True):
            assert set(load.answers) == {good}
        assert written.items() <= {file["path"]: file["sha256"] for file in app.listing()}.items()

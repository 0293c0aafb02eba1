"""The client library with a gibibyte, and on a system that is restarted meanwhile."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from app_client import App
from stack import Stack

from strongroom_embedded.ports import free_port

pytestmark = pytest.mark.heavy

MIB = 1024 * 1024
SIZE = 1024 * MIB

# In a process of its own, whose memory nobody else has used.
PROGRAM = """
import json, resource, sys, time
from pathlib import Path
from strongroom.client import KeptTokens, MemoryTokenStore, PersonTokens, Strongroom

url, tokens, source, place = sys.argv[1:]

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

def pieces():
    with open(source, "rb") as file:
        while piece := file.read(100_000):
            yield piece

kept = KeptTokens.model_validate_json(tokens)
with Strongroom(url, PersonTokens(url, MemoryTokenStore(kept))) as strongroom:
    strongroom.files.usage()
    before = peak()
    file = strongroom.files.put(Path(source), "large")
    strongroom.files.put(pieces(), "piped")
    uploaded = peak()
    strongroom.files.download(file, Path(place))
    print(json.dumps({"before": before, "uploaded": uploaded, "downloaded": peak()}))
"""


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "source"
    with path.open("wb") as file:
        for _ in range(SIZE // MIB):
            file.write(os.urandom(MIB))
    yield path
    path.unlink()


def test_a_gibibyte_takes_little_memory_either_way(url: str, app: App, source: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, url, app.kept().model_dump_json(), str(source), str(tmp_path / "found")]
    ran = subprocess.run(command, capture_output=True, check=True, text=True)
    peaks = {name: count / MIB for name, count in json.loads(ran.stdout).items()}
    print(f"peaks in MiB: {peaks}")
    assert peaks["uploaded"] < peaks["before"] + 64, peaks
    assert peaks["downloaded"] < peaks["before"] + 64, peaks


def test_events_go_on_over_a_restart_of_everything(own_stack: Callable[..., Stack], tmp_path: Path) -> None:
    port = str(free_port())
    stack = own_stack(STRONGROOM_PORT=port).wait_until_ready()
    heard: list[tuple[int, str]] = []
    first, second = threading.Event(), threading.Event()

    def listen(app: App) -> None:
        for event in app.strongroom.events(after=0, types=["file.created"]):
            heard.append((int(event.id), str(event.data["path"])))
            (first if len(heard) == 1 else second).set()
            if len(heard) == 3:
                return

    with App(stack.url) as app:
        app.sign_up()
        thread = threading.Thread(target=listen, args=(app,))
        thread.start()
        app.upload(b"x", "before")
        assert first.wait(30)
        stack.kill()
        own_stack(STRONGROOM_PORT=port).wait_until_ready()
        app.upload(b"x", "after")
        assert second.wait(60)
        app.upload(b"x", "later")
        thread.join(60)
    assert [path for _, path in heard] == ["before", "after", "later"], heard
    assert sorted({number for number, _ in heard}) == [number for number, _ in heard]

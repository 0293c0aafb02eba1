"""A stack of the release before that is being upgraded: its tables, and services of this release beside its own."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app_client import App
from everyday import Kept, day
from replicas import Replica
from stack import Stack

from strongroom_embedded.ports import free_port

# A release is the PYTHONPATH that its packages come from. With none they are those that are installed.
THIS_RELEASE = os.environ.get("PYTHONPATH", "")


@dataclass
class House:
    """Two people with such a stack, and what they have there."""

    stack: Stack
    app: App
    friend: App
    kept: Kept = field(default_factory=Kept)

    @contextmanager
    def at(self, url: str) -> Iterator[tuple[App, App]]:
        """The same two at another address, with the tokens that they have by now."""
        with App(url) as app, App(url) as friend:
            for one, known in ((app, self.app), (friend, self.friend)):
                one.email = known.email
                one.use(known.tokens)
            yield app, friend


@contextmanager
def being_upgraded(data: Path, release: str) -> Iterator[House]:
    """All of it is of that release, with files from before; it went on while this release's migrations ran."""
    stack = Stack(data, PYTHONPATH=release)
    try:
        stack.wait_until_ready()
        with App(stack.url) as app, App(stack.url) as friend:
            app.sign_up()
            friend.sign_up()
            house = House(stack, app, friend)
            day(app, friend, house.kept)
            for module in ("auth_service", "file_service"):
                assert _is_of(release, stack, module)
                _migrate(stack, module, lambda: house.kept.put(app, "diary.txt", os.urandom(1000)))
            yield house
    finally:
        stack.kill()


@dataclass(frozen=True)
class Beside:
    """One of each of this release's services."""

    gateway: Replica
    auth: Replica
    files: Replica


@contextmanager
def beside(stack: Stack) -> Iterator[Beside]:
    """They know each other, and the stack's own by what is in the database and the store only."""
    port = free_port()
    files = Replica(stack, "file_service", PYTHONPATH=THIS_RELEASE, STRONGROOM_AUTH_URL=f"http://127.0.0.1:{port}")
    auth = Replica(stack, "auth_service", port=port, PYTHONPATH=THIS_RELEASE, STRONGROOM_FILES_URL=files.origin)
    gateway = door(stack, [auth.origin], [files.origin], THIS_RELEASE)
    with started(auth, files, gateway):
        yield Beside(gateway, auth, files)


def door(stack: Stack, auth: list[str], files: list[str], release: str) -> Replica:
    """A gateway before those addresses."""
    urls = ",".join(auth), ",".join(files)
    return Replica(stack, "gateway", PYTHONPATH=release, STRONGROOM_AUTH_URL=urls[0], STRONGROOM_FILES_URL=urls[1])


@contextmanager
def started(*replicas: Replica) -> Iterator[None]:
    with ExitStack() as running:
        for one in replicas:
            running.callback(one.stop)
            one.start()
        yield


def _migrate(stack: Stack, module: str, meanwhile: Callable[[], object]) -> None:
    """By this release's migrations, with `meanwhile` done again and again until they are through."""
    environment = stack.service(module).environ() | {"PYTHONPATH": THIS_RELEASE}
    command = [sys.executable, "-m", module, "migrate"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        while process.poll() is None:
            meanwhile()
        output, _ = process.communicate()
    assert process.returncode == 0, output


def _is_of(release: str, stack: Stack, module: str) -> bool:
    """Whether what the stack runs under that name is from there, or the whole exercise would be in vain."""
    command = [sys.executable, "-P", "-c", f"import {module}; print({module}.__file__)"]
    environment = stack.service(module).environ()
    found = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    return any(found.startswith(f"{folder}/") for folder in release.split(":"))

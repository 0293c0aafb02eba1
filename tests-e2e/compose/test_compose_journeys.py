"""The tests of tests-e2e against containers: one of each, several, and after each was killed."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from app_client import App
from stack import ADMIN_EMAIL, ADMIN_PASSWORD

from compose.installation import Installation

_ROOT = Path(__file__).parents[2]
_SCALED = ("--scale", "file-service=3")
_CONTENT = os.urandom(3_000_000)


@pytest.fixture(scope="module")
def somebody(installation: Installation) -> Iterator[App]:
    """Whose file is there from before anything was killed."""
    with App(installation.url) as app:
        app.sign_up()
        app.upload(_CONTENT, "kept.bin")
        yield app


def passed(installation: Installation, *words: str | Path) -> bool:
    """What they print is printed."""
    account = {"STRONGROOM_ADMIN_EMAIL": ADMIN_EMAIL, "STRONGROOM_ADMIN_PASSWORD": ADMIN_PASSWORD}
    return not subprocess.run(
        [sys.executable, "-m", "pytest", *words],
        env={**os.environ, **account, "STRONGROOM_URL": installation.url},
        cwd=_ROOT,
        check=False,
    ).returncode


def test_everything_passes_with_one_of_each(installation: Installation) -> None:
    assert passed(installation, "tests-e2e")


@pytest.mark.parametrize(
    "service", ["postgres", "minio", "auth-service", "file-service", "file-worker", "file-webhooks", "gateway"]
)
def test_nothing_is_lost_where_one_is_killed(installation: Installation, somebody: App, service: str) -> None:
    installation.up(*_SCALED)
    installation.kill(service)
    installation.up(*_SCALED)
    somebody.sign_in(somebody.email, "tide-lantern-42-orchard")
    (kept,) = somebody.listing()
    assert hashlib.sha256(b"".join(somebody.download(kept["id"]))).digest() == hashlib.sha256(_CONTENT).digest()
    assert passed(installation, "tests-e2e/test_e2e_journeys.py")


def test_everything_passes_with_three_file_services_that_were_killed(installation: Installation) -> None:
    installation.up(*_SCALED)
    assert sum(one.service == "file-service" for one in installation.containers()) == 3
    # A browser takes most of the time, and asks nothing that the others do not.
    assert passed(installation, "tests-e2e", "--ignore-glob=*_console_*")

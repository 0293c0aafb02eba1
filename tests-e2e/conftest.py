"""The stack under test: the one at STRONGROOM_URL, or an embedded one started for this run."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import chromium
import pytest
from app_client import App
from console_window import Window, pictures_folder
from playwright.sync_api import Browser
from stack import ADMIN_EMAIL, ADMIN_PASSWORD, Stack

SCRIPTS = Path(__file__).parent / "javascript"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Against what runs elsewhere, only what asks that: no test of the launcher, and none that needs processes here."""
    if "STRONGROOM_URL" not in os.environ:
        return
    left = [item for item in items if not _asks_an_installation(item)]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]


def pytest_runtest_setup() -> None:
    """None is begun after STRONGROOM_TESTS_UNTIL (seconds since 1970): a run may have to end, however slow it is."""
    if time.time() > float(os.environ.get("STRONGROOM_TESTS_UNTIL", "inf")):
        pytest.skip("NOT RUN: the time for it was over")


def _asks_an_installation(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", []))
    return "url" in fixtures and not fixtures & {"embedded", "own_stack"}


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """An embedded stack that the tests of a run share. Its passwords are cheap: each test has people of its own."""
    stack = Stack(tmp_path_factory.mktemp("stack") / "data", STRONGROOM_BCRYPT_ROUNDS="4").wait_until_ready()
    yield stack
    stack.stop()


@pytest.fixture(scope="session")
def url(request: pytest.FixtureRequest) -> str:
    """Where Strongroom is. With STRONGROOM_URL in the environment the same journeys run against any installation."""
    return os.environ.get("STRONGROOM_URL") or request.getfixturevalue("embedded").url


@pytest.fixture(scope="session")
def javascript(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the scripts with what they import, so that nothing is installed into the repository."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is needed for packages of JavaScript, and was not found")
    folder = tmp_path_factory.mktemp("javascript")
    shutil.copytree(SCRIPTS, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("node_modules"))
    command = [npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
    installed = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert installed.returncode == 0, installed.stdout + installed.stderr
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """For a module only: while it runs, no other event loop does."""
    path = chromium.place()
    if path is None:
        pytest.skip("Chromium is needed to open pages, and was not found")
    with chromium.running(path) as started:
        yield started


@pytest.fixture
def window(browser: Browser, url: str, javascript: Path, tmp_path: Path) -> Iterator[Callable[[], Window]]:
    """Opens browsers at the console. None of them may have done anything wrong by the end."""
    opened: list[Window] = []
    axe = (javascript / "node_modules/axe-core/axe.min.js").read_text()

    def open_window() -> Window:
        opened.append(Window(browser, url, axe, pictures_folder(tmp_path)))
        return opened[-1]

    yield open_window
    for one in opened:
        one.close()
    assert [fault for one in opened for fault in one.faults] == []


@pytest.fixture
def own_stack(tmp_path: Path) -> Iterator[Callable[..., Stack]]:
    """Starts stacks that a test may ruin."""
    started: list[Stack] = []

    def start(data: Path | None = None, **options: object) -> Stack:
        started.append(Stack(data or tmp_path / "data", **options))  # type: ignore[arg-type]
        return started[-1]

    yield start
    for stack in started:
        stack.kill()


@pytest.fixture
def app(url: str) -> Iterator[App]:
    """Somebody with a new account."""
    with App(url) as client:
        client.sign_up()
        yield client


@pytest.fixture
def admin(url: str) -> Iterator[App]:
    with App(url) as client:
        client.sign_in(
            os.environ.get("STRONGROOM_ADMIN_EMAIL", ADMIN_EMAIL),
            os.environ.get("STRONGROOM_ADMIN_PASSWORD", ADMIN_PASSWORD),
        )
        yield client

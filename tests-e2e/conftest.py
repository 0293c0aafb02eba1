"""The stack under test: the one at STRONGROOM_URL, or an embedded one started for this run."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from app_client import App
from stack import ADMIN_EMAIL, ADMIN_PASSWORD, Stack


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Against what runs elsewhere, only what asks that: no test of the launcher, and none that needs processes here."""
    if "STRONGROOM_URL" not in os.environ:
        return
    left = [item for item in items if not _asks_an_installation(item)]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]


def _asks_an_installation(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", []))
    return "url" in fixtures and not fixtures & {"embedded", "own_stack"}


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """An embedded stack that the tests of a run share."""
    stack = Stack(tmp_path_factory.mktemp("stack") / "data").wait_until_ready()
    yield stack
    stack.stop()


@pytest.fixture(scope="session")
def url(request: pytest.FixtureRequest) -> str:
    """Where Strongroom is. With STRONGROOM_URL in the environment the same journeys run against any installation."""
    return os.environ.get("STRONGROOM_URL") or request.getfixturevalue("embedded").url


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

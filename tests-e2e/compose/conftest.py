"""The installation under test. Where no engine can be had, its tests are not run, and say why."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from compose.engine import Engine, NoEngine, engine
from compose.images import make_ready
from compose.installation import Installation

_STORE = "strongroom-stand-in:store"


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """Not in pytest's own, which is kept: here lie all layers of all images."""
    with TemporaryDirectory(prefix="strongroom-compose-", ignore_cleanup_errors=True) as place:
        yield Path(place)


@pytest.fixture(scope="session")
def docker(folder: Path) -> Iterator[Engine]:
    try:
        with engine(folder, install="CI" in os.environ or "INSTALL" in os.environ) as found:
            yield found
    except NoEngine as reason:
        pytest.skip(f"not run: {reason}")


@pytest.fixture(scope="session")
def installation(docker: Engine, folder: Path) -> Iterator[Installation]:
    """Up, with one container of each."""
    home = folder / "installation"
    home.mkdir()
    made = Installation(docker, home, MINIO_IMAGE=os.environ.get("MINIO_IMAGE", _STORE))
    try:
        make_ready(docker, made, folder)
    except NoEngine as reason:
        pytest.skip(f"not run: {reason}")
    try:
        made.up()
        yield made
    finally:
        made.tell()
        made.remove()

"""An installation that may be broken."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from chaos.disks import Disks, small_disks
from chaos.installation import Installation, installation

_SMALL = 768  # MiB


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """With small disks, if there can be any; the tests of a file share it."""
    folder = tmp_path_factory.mktemp("chaos")
    with small_disks(folder, _SMALL) as disks, installation(folder, disks) as one:
        yield one


@pytest.fixture
def roomy_place(tmp_path: Path) -> Iterator[Installation]:
    """With as much room as there is."""
    with installation(tmp_path, Disks(tmp_path, tmp_path)) as one:
        yield one

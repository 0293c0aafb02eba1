"""`python -m strongroom_embedded` where it must refuse to start; the whole stack is tested in tests-e2e."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from strongroom_embedded.data_directory import claimed
from strongroom_embedded.errors import DirectoryInUse


def launch(data: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("STRONGROOM_")}
    environment |= {"STRONGROOM_PORT": "0", "STRONGROOM_DATA": str(data)} | settings
    return subprocess.run(
        [sys.executable, "-m", "strongroom_embedded"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STRONGROOM_PORT", "http"),
        ("STRONGROOM_PORT", "70000"),
        ("STRONGROOM_S3_ENDPOINT", "http://127.0.0.1:9000"),
        ("STRONGROOM_DATABASE_URL", "sqlite:///x.db"),
    ],
)
def test_bad_settings_are_one_line_and_start_nothing(tmp_path: Path, name: str, value: str) -> None:
    refused = launch(tmp_path / "data", **{name: value})
    assert refused.returncode == 2
    assert len(refused.stderr.splitlines()) == 1
    assert name in refused.stderr
    assert not (tmp_path / "data").exists()


def test_a_taken_port_is_refused_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = launch(tmp_path / "data", STRONGROOM_PORT=str(taken.getsockname()[1]))
    assert refused.returncode == 1
    assert "STRONGROOM_PORT" in refused.stderr
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["lock"]


def test_a_second_launcher_on_the_same_data_is_refused(tmp_path: Path) -> None:
    with claimed(tmp_path):
        refused = launch(tmp_path)
    assert refused.returncode == 1
    assert str(tmp_path) in refused.stderr


def test_a_data_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    refused = launch(tmp_path / "file" / "data")
    assert refused.returncode == 1
    assert len(refused.stderr.splitlines()) == 1
    assert str(tmp_path / "file" / "data") in refused.stderr


def test_the_claim_ends_with_its_holder(tmp_path: Path) -> None:
    with claimed(tmp_path), pytest.raises(DirectoryInUse), claimed(tmp_path):
        pass
    with claimed(tmp_path):
        pass

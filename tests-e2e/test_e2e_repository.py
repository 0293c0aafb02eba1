"""What is committed is fit to be."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]


def _committed() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_the_lock_has_hashes_and_no_addresses() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    assert "--index-url" not in lock
    packages = re.split(r"\n(?=[a-z0-9])", lock.strip())
    assert all("==" in package and "--hash=sha256:" in package for package in packages)


def test_what_is_made_on_a_machine_is_not_committed() -> None:
    command = ["git", "ls-files", "--cached", "--ignored", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert listed.stdout == "", "a checkout would put it in the place of what a machine has there"


def test_no_lock_file_of_another_kind_is_committed() -> None:
    names = {path.name for path in _committed()}
    assert not names & {"uv.lock", "poetry.lock", "Pipfile.lock", "package-lock.json", "yarn.lock", "pnpm-lock.yaml"}

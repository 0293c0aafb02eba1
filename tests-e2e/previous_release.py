"""The release before this one: which it is, and its sources, out of the history."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
NAME = (ROOT / "deploy/previous-release").read_text().strip()  # a tag or a commit
PACKAGES = ("shared", "auth-service", "file-service", "gateway", "deploy/embedded")


class NoHistory(Exception):
    """Git is not there, or does not know the release before: what was downloaded, or cloned in part, has no past."""


def git(*words: str) -> bytes:
    """What it prints. Raises NoHistory."""
    try:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, check=False)
    except OSError as error:
        raise NoHistory(str(error)) from error
    if done.returncode != 0:
        raise NoHistory(done.stderr.decode().strip())
    return done.stdout


def unpacked(folder: Path) -> str:
    """A PYTHONPATH that has its packages come first. Raises NoHistory."""
    archive = git("archive", NAME, *PACKAGES)
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive, check=True)
    return ":".join(str(folder / package / "src") for package in PACKAGES)

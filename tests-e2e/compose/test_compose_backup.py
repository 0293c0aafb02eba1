"""A backup made in a container comes back into containers that have nothing yet."""

import hashlib
import os
from pathlib import Path

from app_client import App

from compose.installation import Installation

_CONTENT = os.urandom(3_000_000)


def test_a_backup_comes_back_into_an_empty_installation(installation: Installation, folder: Path) -> None:
    backups = folder / "backups"
    backups.mkdir()
    with App(installation.url) as app:
        app.sign_up()
        app.upload(_CONTENT, "kept.bin")
        _backup(installation, backups, "backup")
        installation.empty()
        _backup(installation, backups, "restore")
        installation.up()
        (kept,) = app.listing()  # with the token of before
        assert hashlib.sha256(b"".join(app.download(kept["id"]))).digest() == hashlib.sha256(_CONTENT).digest()


def _backup(installation: Installation, backups: Path, word: str) -> None:
    """As docs/backup.md says, by the one to whom the folder belongs."""
    mounted = ("--rm", "--user", str(os.getuid()), "--volume", f"{backups}:/backups")
    installation.compose("run", *mounted, "file-migrate", "strongroom_backup", word, "/backups")

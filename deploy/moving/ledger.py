"""Remembers on disk who has been moved, and the passwords that accounts have until they get their own back."""

import csv
import hmac
import os
import secrets
from pathlib import Path


class Ledger:
    """`ids.csv` has the old and the new id of everybody; `moving.key` is what the passwords are made of."""

    def __init__(self, folder: Path) -> None:
        self._ids = folder / "ids.csv"
        key = folder / "moving.key"
        if not key.exists():
            with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_hex(32))
        self._key = key.read_bytes()
        self._moved: set[str] = set()
        if self._ids.exists():
            with self._ids.open(newline="") as file:
                self._moved = {row[0] for row in csv.reader(file)}

    def has(self, old_id: str) -> bool:
        return old_id in self._moved

    def note(self, old_id: str, new_id: str, email: str) -> None:
        with self._ids.open("a", newline="") as file:
            csv.writer(file).writerow([old_id, new_id, email])

    def password(self, email: str) -> str:
        """The same for each run, and nobody else's."""
        return hmac.digest(self._key, email.casefold().encode(), "sha256").hex()

"""Remembers on disk who has been moved, and the passwords that accounts have until they get their own back."""

import csv
import hmac
import os
import secrets
from pathlib import Path


class Ledger:
    """`ids.csv` has the old and the new id of everybody; `moving.key` is what the passwords are made of.

    It is of one Strongroom, the `target`, whose address stands in `moving.target`: elsewhere nobody has been moved.
    """

    def __init__(self, folder: Path, target: str) -> None:
        known = folder / "moving.target"
        if known.exists() and known.read_text() != target:
            raise SystemExit(f"{folder}: remembers who was moved to {known.read_text()}; --state names another folder")
        known.write_text(target)
        self._ids = folder / "ids.csv"
        key = folder / "moving.key"
        if not key.exists():
            with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_hex(32))
        self._key = key.read_bytes()
        self._moved: set[str] = set()
        self._addresses: dict[str, str] = {}
        if self._ids.exists():
            with self._ids.open(newline="") as file:
                for old_id, _, email in csv.reader(file):
                    self._moved.add(old_id)
                    self._addresses[email.casefold()] = old_id

    def has(self, old_id: str) -> bool:
        return old_id in self._moved

    def is_first(self, old_id: str, email: str) -> bool:
        """Whether nobody else came with this address: who comes later may be a stranger who only said so."""
        return self._addresses.setdefault(email.casefold(), old_id) == old_id

    def note(self, old_id: str, new_id: str, email: str) -> None:
        with self._ids.open("a", newline="") as file:
            csv.writer(file).writerow([old_id, new_id, email])

    def password(self, email: str) -> str:
        """The same for each run, and nobody else's."""
        return hmac.digest(self._key, email.casefold().encode(), "sha256").hex()

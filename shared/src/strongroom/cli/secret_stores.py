"""Chooses where a profile's tokens are kept: the keyring if one keeps anything, a private file otherwise."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from strongroom.client import TokenStore

KEYRING, FILE = "keyring", "file"


def best_kind() -> str:
    from strongroom.cli import keyring_store

    return KEYRING if keyring_store.usable() else FILE


def store_of(folder: Path, name: str, kind: str) -> "TokenStore":
    """Neither is imported for the other: keyrings take a while."""
    if kind == KEYRING:
        from strongroom.cli.keyring_store import Keyring

        return Keyring(name, folder / f"{name}.lock")
    from strongroom.cli.secret_files import SecretFile

    return SecretFile(folder / f"{name}.json")

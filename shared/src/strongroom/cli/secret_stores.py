"""Chooses where a profile's tokens are kept: the keyring if one keeps anything, a private file otherwise."""

from pathlib import Path
from typing import TYPE_CHECKING

from strongroom.cli.profiles import Profile

if TYPE_CHECKING:
    from strongroom.client import TokenStore

KEYRING, FILE = "keyring", "file"


def best_kind() -> str:
    from strongroom.cli import keyring_store

    return KEYRING if keyring_store.usable() else FILE


def store_of(folder: Path, profile: Profile) -> "TokenStore":
    """Neither is imported for the other: keyrings take a while."""
    if profile.secret_in == KEYRING:
        from strongroom.cli.keyring_store import Keyring

        # A keyring is the user's, who may have profiles of this name elsewhere too.
        return Keyring(f"{profile.name} {profile.url} {folder}", folder / f"{profile.name}.lock")
    from strongroom.cli.secret_files import SecretFile

    return SecretFile(folder / f"{profile.name}.json")

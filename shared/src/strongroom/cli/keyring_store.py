"""Keeps a profile's tokens in the keyring of the operating system."""

from contextlib import AbstractContextManager, suppress
from pathlib import Path

import keyring
from keyring.errors import KeyringError, PasswordDeleteError
from pydantic import ValidationError

from strongroom.cli import private_files
from strongroom.cli.failures import CommandError
from strongroom.client import KeptTokens
from strongroom.client.exclusive_file import exclusive

_SERVICE = "strongroom"


class KeyringClosed(CommandError):
    slug = "keyring-closed"


class Keyring:
    """A `TokenStore`. The lock is a file, `lock`: keyrings have none."""

    def __init__(self, name: str, lock: Path) -> None:
        self._name = name
        self._lock = lock

    def exclusive(self) -> AbstractContextManager[None]:
        private_files.own_folder(self._lock.parent)
        return exclusive(self._lock)

    def load(self) -> KeptTokens | None:
        try:
            kept = keyring.get_password(_SERVICE, self._name)
        except KeyringError as error:
            raise KeyringClosed(_told(error)) from error
        try:
            return KeptTokens.model_validate_json(kept) if kept else None
        except ValidationError:
            return None

    def save(self, tokens: KeptTokens) -> None:
        try:
            keyring.set_password(_SERVICE, self._name, tokens.model_dump_json())
        except KeyringError as error:
            raise KeyringClosed(_told(error)) from error

    def clear(self) -> None:
        with suppress(PasswordDeleteError):
            try:
                keyring.delete_password(_SERVICE, self._name)
            except PasswordDeleteError:
                raise
            except KeyringError as error:
                raise KeyringClosed(_told(error)) from error


def usable() -> bool:
    """Whether there is a keyring that keeps anything (the null one and the one that always fails do not)."""
    try:
        return bool(keyring.get_keyring().priority >= 1)
    except (KeyringError, RuntimeError):
        return False


def _told(error: Exception) -> str:
    # Not its text: some backends quote what they were given.
    return f"The keyring does not open ({type(error).__name__})"

"""Keeps a profile's tokens in a file that only its owner reads, where there is no keyring."""

from contextlib import AbstractContextManager
from pathlib import Path

from strongroom.cli import private_files
from strongroom.client import FileTokenStore, KeptTokens


class SecretFile:
    """A `TokenStore`. Raises Exposed where others can read the file or write its folder."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._inner = FileTokenStore(path)

    def exclusive(self) -> AbstractContextManager[None]:
        private_files.own_folder(self._path.parent)
        return self._inner.exclusive()

    def load(self) -> KeptTokens | None:
        private_files.require_private(self._path.parent)
        private_files.require_private(self._path)
        return self._inner.load()

    def save(self, tokens: KeptTokens) -> None:
        private_files.own_folder(self._path.parent)
        self._inner.save(tokens)

    def clear(self) -> None:
        self._inner.clear()

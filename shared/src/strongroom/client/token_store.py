"""Where a person's tokens are kept between two calls, and between two processes."""

import threading
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Protocol

from pydantic import AwareDatetime, Field, ValidationError

from strongroom.client.exclusive_file import exclusive
from strongroom.client.wire import Wire


class _Claims(Wire):
    sub: str


class KeptTokens(Wire):
    """What a sign-in gave. `model_dump_json` writes the tokens, `repr` does not.

    `client_id` is the client that it was for, None for Strongroom's own; `origin` is whose tokens they are (RFC 6454),
    None where that was not written down: then they are whoever's has them.
    """

    access_token: str = Field(repr=False)
    refresh_token: str | None = Field(default=None, repr=False)
    issued_at: AwareDatetime
    expires_at: AwareDatetime
    scope: str = ""
    client_id: str | None = None
    origin: str | None = None

    @property
    def account(self) -> str | None:
        """The `sub` of the access token (RFC 9068 §2.2), to be compared and not believed; None if it is no JWT."""
        try:
            _, claims, _ = self.access_token.split(".")
            return _Claims.model_validate_json(urlsafe_b64decode(f"{claims}==")).sub
        except ValueError:
            return None


class TokenStore(Protocol):
    """Its methods may block: they are called in threads. Two processes may have the same one."""

    def exclusive(self) -> AbstractContextManager[None]:
        """Held by one at a time among all processes, from reading the tokens to writing their successors: a refresh
        token is good once. It is entered in one thread and may be left in another."""
        ...

    def load(self) -> KeptTokens | None:
        """None if there are none, or none that can be read."""
        ...

    def save(self, tokens: KeptTokens) -> None:
        """In place of those there were, all or nothing."""
        ...

    def clear(self) -> None:
        """Also where there are none."""
        ...


class MemoryTokenStore:
    """For as long as the process lives."""

    def __init__(self, tokens: KeptTokens | None = None) -> None:
        self._tokens = tokens
        self._lock = threading.Lock()  # not an RLock, which only the thread that took it may give back

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        with self._lock:
            yield

    def load(self) -> KeptTokens | None:
        return self._tokens

    def save(self, tokens: KeptTokens) -> None:
        self._tokens = tokens

    def clear(self) -> None:
        self._tokens = None


class FileTokenStore:
    """A file that only its owner can read. Beside it, `….lock` is who is at it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def exclusive(self) -> AbstractContextManager[None]:
        return exclusive(self._path.with_name(f"{self._path.name}.lock"))

    def load(self) -> KeptTokens | None:
        try:
            return KeptTokens.model_validate_json(self._path.read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def save(self, tokens: KeptTokens) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # A temporary file is made 0600, and renaming it replaces the one there was at once.
        with NamedTemporaryFile("w", dir=self._path.parent, prefix=f".{self._path.name}-", delete=False) as file:
            try:
                file.write(tokens.model_dump_json())
                file.close()
                Path(file.name).replace(self._path)
            except BaseException:
                with suppress(FileNotFoundError):
                    Path(file.name).unlink()
                raise

    def clear(self) -> None:
        self._path.unlink(missing_ok=True)

"""Who is to be moved, with what is theirs."""

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

_BCRYPT = re.compile(r"\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}")


@dataclass(frozen=True, slots=True)
class OldFile:
    """`content` begins anew each time it is called."""

    path: str
    content: Callable[[], AsyncIterator[bytes]]


@dataclass(frozen=True, slots=True)
class Person:
    old_id: str
    email: str
    name: str | None
    verified: bool
    password_hash: str | None
    files: tuple[OldFile, ...]

    @property
    def usable_hash(self) -> str | None:
        """What Strongroom can verify; it is replaced by a better one at the next sign-in."""
        return self.password_hash if self.password_hash and _BCRYPT.fullmatch(self.password_hash) else None

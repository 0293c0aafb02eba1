"""Reads which releases are locked, and the hashes of their files."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_RELEASE = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(\[[^\]]*\])?==(?P<version>[^\s;\\]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Locked:
    """`sha256` are those of the files of the release, in hexadecimal, for every platform."""

    name: str
    version: str
    sha256: frozenset[str]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class NoLock(Exception):
    """The file is not a list of releases with hashes."""


def locked_in(path: Path) -> list[Locked]:
    """Raises NoLock: what is not understood is not passed over, or it would count as audited."""
    return list(_releases(path.read_text()))


def _releases(text: str) -> Iterator[Locked]:
    lines = "\n".join(line for line in text.replace("\\\n", " ").splitlines() if not line.lstrip().startswith("#"))
    for line in filter(str.strip, lines.splitlines()):
        release = _RELEASE.match(line.strip())
        hashes = frozenset(_HASH.findall(line))
        if release is None or not hashes:
            raise NoLock(f"This is no release with hashes: {line.strip()[:80]}")
        yield Locked(release["name"], release["version"], hashes)

"""Profiles: which Strongroom, who, and where the secret is. The secret itself is in none."""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from strongroom.cli import private_files
from strongroom.cli.failures import CommandError, WrongUsage

DEFAULT = "default"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class BrokenProfile(CommandError):
    slug = "broken-profile"


@dataclass(frozen=True, slots=True)
class Profile:
    """`client_id` is the client that signed in, None for Strongroom's own; `secret_in` is `keyring` or `file`."""

    name: str
    url: str
    email: str
    client_id: str | None
    secret_in: str


class Profiles:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, name: str) -> Profile | None:
        """Raises WrongUsage for what cannot be a name, BrokenProfile."""
        path = self._path(name)
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            return Profile(**{**found, "name": name})
        except FileNotFoundError:
            return None
        except (ValueError, TypeError) as error:
            raise BrokenProfile(f"{path} is no profile: remove it, and sign in again") from error

    def save(self, profile: Profile) -> None:
        kept = {key: value for key, value in asdict(profile).items() if key != "name"}
        private_files.write(self._path(profile.name), json.dumps(kept, indent=1) + "\n")

    def remove(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def __iter__(self) -> Iterator[Profile]:
        for path in sorted(self._folder.glob("*.json")):
            if _NAME.fullmatch(path.stem) and (found := self.find(path.stem)):
                yield found

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise WrongUsage(f"{name!r} is no name for a profile: letters, digits, dots, dashes and underscores")
        return self._folder / f"{name}.json"

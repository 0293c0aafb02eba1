"""Where the command keeps what it knows (XDG Base Directory Specification 0.8)."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Places:
    """`config` has the profiles and secrets, `state` what unfinished uploads are gone on with by."""

    config: Path
    state: Path

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Places":
        home = Path(environment.get("HOME") or Path.home())
        return cls(
            _base(environment, "XDG_CONFIG_HOME", home / ".config") / "strongroom",
            _base(environment, "XDG_STATE_HOME", home / ".local" / "state") / "strongroom",
        )


def _base(environment: Mapping[str, str], name: str, otherwise: Path) -> Path:
    """A relative one is to be ignored."""
    given = environment.get(name, "")
    return Path(given) if os.path.isabs(given) else otherwise  # noqa: PTH117 - an empty Path is one too

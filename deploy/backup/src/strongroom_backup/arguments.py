"""What a person may ask for on the command line."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Asked:
    """`snapshot` is the name of one, and `keep` how many are to stay; None is the newest, and all."""

    folder: Path
    snapshot: str | None
    keep: int | None
    at_once: int
    without_keys: bool


@dataclass(frozen=True, slots=True)
class Arguments:
    command: str
    asked: Asked


def parsed(about: str | None, commands: Sequence[str]) -> Arguments:
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=commands)
    parser.add_argument("folder", type=_folder)
    parser.add_argument("--snapshot", help="one that is not the newest, by the name of its folder")
    parser.add_argument("--keep", type=_at_least_one, help="after a backup, only so many snapshots stay")
    parser.add_argument("--at-once", type=_at_least_one, default=8, help="how many objects are on their way")
    parser.add_argument("--without-keys", action="store_true", help="one machine: leave its secret keys out")
    given = parser.parse_args()
    return Arguments(given.command, Asked(given.folder, given.snapshot, given.keep, given.at_once, given.without_keys))


def _folder(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("name the folder of the backups, like TO=/mnt/backups or FROM=/mnt/backups")
    return Path(text).expanduser().absolute()


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number

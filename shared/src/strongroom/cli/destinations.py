"""Tells sources from the destination, as `cp` does, and refuses what could be meant either way."""

from collections.abc import Sequence

from strongroom.cli.failures import WrongUsage


def told_apart(given: Sequence[str], to: str | None) -> tuple[Sequence[str], str | None]:
    """The last of several is the destination, unless `--to` is said. Raises WrongUsage.

    Several sources take a folder, which ends in a slash: or the last file of `put *.csv` would be replaced unasked.
    """
    if to is not None or len(given) == 1:
        return given, to
    *sources, dest = given
    if len(sources) > 1 and not dest.endswith("/"):
        raise WrongUsage(f"Is {dest} a folder? Then say {dest}/, or --to FOLDER/ and only sources")
    return sources, dest


def placed(name: str, dest: str | None, *, several: bool = False) -> str:
    """Where what is called `name` goes: into a folder by its own name, or exactly to `dest`. Raises WrongUsage."""
    if dest is None or not dest.strip("/"):
        return name
    if dest.endswith("/"):
        return f"{dest.rstrip('/')}/{name}"
    if several:
        raise WrongUsage(f"Several sources need a folder: --to {dest}/")
    return dest

"""`get`: files and folders from Strongroom."""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from strongroom.cli.brought_files import BroughtFiles
from strongroom.cli.commands import command
from strongroom.cli.destinations import told_apart
from strongroom.cli.failures import AlreadyThere, CommandError, NotThere, WrongUsage
from strongroom.cli.invocation import Invocation
from strongroom.cli.listing import exact_or_none, wire
from strongroom.cli.printable import visible
from strongroom.cli.putting import GO_ON

if TYPE_CHECKING:
    from strongroom.cli.progress import Told, Transfers
    from strongroom.client import AsyncStrongroom, File

app = typer.Typer()


class UnsafeName(CommandError):
    slug = "unsafe-name"


@dataclass(frozen=True, slots=True)
class Wanted:
    """`name` is where it goes below `folder`; `exact` is a whole file name of the caller's own."""

    file: "File"
    folder: Path
    name: str
    exact: bool = False

    def __str__(self) -> str:
        return self.file.path


@command(app, go_on=GO_ON)
async def get(
    cli: Invocation,
    paths: Annotated[list[str], typer.Argument(metavar="PATH... [DEST]", help="Files and folders.")],
    to: Annotated[str | None, typer.Option("--to", "-t", metavar="DEST", help="With / at the end, a folder.")] = None,
    output: Annotated[str | None, typer.Option("-o", "--output", metavar="FILE", help="- for standard output.")] = None,
    no_clobber: Annotated[bool, typer.Option("-n", "--no-clobber", help="Replace nothing that is here.")] = False,
    parallel: Annotated[int, typer.Option("-p", "--parallel", min=1, max=16, help="How many files at once.")] = 4,
) -> None:
    """Download; what broke off goes on where it was, what is here already is not fetched again."""
    from strongroom.cli.many import Many
    from strongroom.cli.progress import transfers

    if output is not None and (len(paths) > 1 or to is not None):
        raise WrongUsage("-o is for one file and without DEST")
    given, dest = (paths, output) if output is not None else told_apart(paths, to)
    async with cli.strongroom() as strongroom:
        if output == "-" or (len(given) == 1 and dest is not None and _is_stdout(dest)):
            await _to_stdout(strongroom, given[0].strip("/"))
            return
        with transfers(cli.out) as shown:
            work = Getting(strongroom, shown, no_clobber=no_clobber)
            several = len(given) > 1
            await Many(cli.out, parallel).each_of(
                given, lambda path: _wanted(strongroom, path, dest, several=several), work.one
            )


class Getting:
    def __init__(self, strongroom: "AsyncStrongroom", shown: "Transfers", *, no_clobber: bool) -> None:
        self._strongroom = strongroom
        self._shown = shown
        self._no_clobber = no_clobber
        self._taken: set[Path] = set()
        self._brought = BroughtFiles()

    async def one(self, wanted: Wanted) -> None:
        from strongroom.cli.local_files import is_same

        place = _place(wanted)
        if place in self._taken:
            raise AlreadyThere(f"{place} is another one of these")
        self._taken.add(place)
        if await is_same(place, wanted.file):
            self._told(wanted.file, place, "unchanged")
            return
        if place in self._brought:
            raise AlreadyThere(f"{place} is another one of these: this file system takes their names for the same")
        if self._no_clobber and place.exists():
            raise AlreadyThere(f"{place} is another file")
        if place.is_dir():
            raise AlreadyThere(f"{place} is a folder")
        told = self._shown.began(wanted.file.path, wanted.file.size)
        try:
            if wanted.exact and _is_node(place):
                await self._into(place, wanted.file, told)
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                await self._strongroom.files.download(wanted.file, place, progress=told)
        except BaseException:
            self._shown.failed(wanted.file.path)
            raise
        self._told(wanted.file, place, "fetched")

    async def _into(self, node: Path, file: "File", told: "Told") -> None:
        done = 0
        with node.open("wb") as written:
            async for chunk in self._strongroom.files.stream(file):
                written.write(chunk)
                done += len(chunk)
                told(done, file.size)

    def _told(self, file: "File", place: Path, what: str) -> None:
        self._brought.add(place)
        document = {**wire(file), "local": str(place), "outcome": what}
        self._shown.ended(file.path, visible(str(place)), document)


async def _wanted(
    strongroom: "AsyncStrongroom", path: str, dest: str | None, *, several: bool
) -> AsyncIterator[Wanted]:
    name = path.strip("/")
    file = None if path.endswith("/") else await exact_or_none(strongroom, name)
    if file is not None:
        yield _as_file(file, dest, several=several)
        return
    count = 0
    async for one in strongroom.files.list(prefix=f"{name}/" if name else "", sort="path"):
        count += 1
        yield _in_folder(one, name, dest)
    if not count:
        raise NotThere(f"There is nothing at {path}")


def _as_file(file: "File", dest: str | None, *, several: bool) -> Wanted:
    if dest is None or dest.endswith("/") or several or Path(dest).is_dir():
        return Wanted(file, Path(dest or "."), file.filename)
    target = Path(dest)
    return Wanted(file, target.parent, target.name, exact=True)


def _in_folder(file: "File", folder: str, dest: str | None) -> Wanted:
    """As `cp -r`: by the folder's own name into a folder that is there, or as what DEST is called."""
    from strongroom.client.paths import normal

    folder = normal(folder)
    below = file.path.removeprefix(f"{folder}/") if folder else file.path
    if dest is None or dest.endswith("/") or Path(dest).is_dir():
        own = folder.rpartition("/")[2]
        return Wanted(file, Path(dest or "."), f"{own}/{below}" if own else below)
    return Wanted(file, Path(dest), below)


def _place(wanted: Wanted) -> Path:
    """Raises UnsafeName: what the server calls something never leaves the folder that was asked for."""
    from strongroom.client import place_below

    if wanted.exact:
        place = wanted.folder / wanted.name
        # A link of the caller's own stays: what it leads to is replaced, or written to.
        return place.resolve() if place.is_symlink() and not _is_node(place) else place
    try:
        return place_below(wanted.folder, wanted.name)
    except ValueError as error:
        raise UnsafeName(str(error)) from error


def _is_node(place: Path) -> bool:
    """Whether there is something that is written to and not replaced: a pipe, a device."""
    return place.exists() and not place.is_file()


def _is_stdout(dest: str) -> bool:
    """By another name, like /dev/stdout."""
    with suppress(OSError):
        return os.path.samestat(Path(dest).stat(), os.fstat(sys.stdout.fileno()))
    return False


async def _to_stdout(strongroom: "AsyncStrongroom", path: str) -> None:
    file = await strongroom.files.at(path)
    if sys.stdout.isatty() and not file.content_type.startswith("text/"):
        raise WrongUsage(f"{path} is {file.content_type}, and would garble the terminal: -o FILE")
    async for chunk in strongroom.files.stream(file):
        sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()

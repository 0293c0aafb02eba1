"""`put`: files, folders and standard input to Strongroom."""

from typing import TYPE_CHECKING, Annotated

import typer

from strongroom.cli.commands import command
from strongroom.cli.destinations import placed, told_apart
from strongroom.cli.failures import AlreadyThere, WrongUsage
from strongroom.cli.invocation import Invocation
from strongroom.cli.listing import wire
from strongroom.cli.printable import visible

if TYPE_CHECKING:
    from pathlib import Path

    from strongroom.cli.local_files import Found, Unreadable
    from strongroom.cli.progress import Transfers
    from strongroom.client import AsyncStrongroom, File

app = typer.Typer()
GO_ON = "Run the same command again to go on where it was."


@command(app, go_on=GO_ON)
async def put(
    cli: Invocation,
    sources: Annotated[
        list[str], typer.Argument(metavar="SOURCE... [DEST]", help="Files, folders, or - for standard input.")
    ],
    to: Annotated[str | None, typer.Option("--to", "-t", metavar="DEST", help="With / at the end, a folder.")] = None,
    no_clobber: Annotated[bool, typer.Option("-n", "--no-clobber", help="Replace nothing that is there.")] = False,
    parallel: Annotated[int, typer.Option("-p", "--parallel", min=1, max=16, help="How many files at once.")] = 4,
) -> None:
    """Upload; what broke off goes on where it was, what is there already is not sent again."""
    from strongroom.cli.local_files import found
    from strongroom.cli.many import Many
    from strongroom.cli.progress import transfers

    given, dest = told_apart(sources, to)
    async with cli.strongroom() as strongroom:
        if "-" in given:
            await _put_stdin(cli, strongroom, given, dest, no_clobber=no_clobber)
            return
        targets = {source: placed(_name(source), dest, several=len(given) > 1) for source in given}
        with transfers(cli.out) as shown:
            work = Putting(cli, strongroom, shown, no_clobber=no_clobber)
            await Many(cli.out, parallel).each_of(
                targets, lambda source: found(source, targets[source], work.skipped), work.one
            )


class Putting:
    def __init__(self, cli: Invocation, strongroom: "AsyncStrongroom", shown: "Transfers", *, no_clobber: bool) -> None:
        from strongroom.client.upload_state import FileUploadStates

        self._out = cli.out
        self._strongroom = strongroom
        self._shown = shown
        self._no_clobber = no_clobber
        self._taken: set[str] = set()
        self._states = FileUploadStates(cli.places.state / "uploads" / cli.name)

    def skipped(self, source: "Path", reason: str) -> None:
        self._out.failure(f"{source}: skipped, {reason}", {"event": "skipped", "path": str(source), "message": reason})

    async def one(self, found: "Found | Unreadable") -> None:
        from strongroom.cli.listing import exact_or_none
        from strongroom.cli.local_files import Unreadable, is_same

        if isinstance(found, Unreadable):
            raise OSError(found.error.errno, found.error.strerror)  # without its path, which is told anyway
        if found.path in self._taken:
            raise AlreadyThere(f"{found.path} is another one of these")
        self._taken.add(found.path)
        there = await exact_or_none(self._strongroom, found.path)
        if there is not None and await is_same(found.source, there):
            self._told(there, "unchanged")
            return
        if there is not None and self._no_clobber:
            raise AlreadyThere("There is another file already")
        told = self._shown.began(found.path, found.size)
        try:
            file = await self._strongroom.files.put(
                found.source,
                found.path,
                progress=told,
                if_none_match="*" if self._no_clobber else None,
                states=self._states,
            )
        except BaseException:
            self._shown.failed(found.path)
            raise
        self._told(file, "updated" if there else "created")

    def _told(self, file: "File", what: str) -> None:
        self._shown.ended(file.path, visible(file.path), {**wire(file), "outcome": what})


async def _put_stdin(
    cli: Invocation, strongroom: "AsyncStrongroom", given: object, dest: str | None, *, no_clobber: bool
) -> None:
    from strongroom.cli import standard_input
    from strongroom.cli.progress import transfers

    if given != ["-"] or dest is None or dest.endswith("/"):
        raise WrongUsage("Standard input is one file and needs a name: put - reports/today.csv")
    with transfers(cli.out) as shown:
        file = await strongroom.files.put(
            standard_input.pieces(), dest, progress=shown.began(dest, None), if_none_match="*" if no_clobber else None
        )
        shown.ended(dest, visible(file.path), {**wire(file), "outcome": "put"})


def _name(source: str) -> str:
    """By which a file or folder is known where it goes. Raises WrongUsage for `/`."""
    from pathlib import Path

    name = Path(source).resolve().name if source.strip("/") in {"", ".", ".."} else Path(source).name
    if not name or name == "..":
        raise WrongUsage(f"{source} has no name: say --to FOLDER/name")
    return name

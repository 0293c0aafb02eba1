"""`ls` and `search`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from strongroom.cli.commands import command
from strongroom.cli.failures import NotThere
from strongroom.cli.invocation import Invocation
from strongroom.cli.output import Output
from strongroom.cli.printable import visible
from strongroom.cli.units import shown_size, shown_time

if TYPE_CHECKING:
    from strongroom.client import AsyncStrongroom, File, FoundFile

app = typer.Typer()


@command(app)
async def ls(
    cli: Invocation,
    path: Annotated[str, typer.Argument(help="A folder or a file; nothing for all.")] = "",
    long: Annotated[bool, typer.Option("-l", "--long", help="With size and time.")] = False,
    recursive: Annotated[bool, typer.Option("-R", "--recursive", help="With all that is in folders.")] = False,
    trash: Annotated[bool, typer.Option("--trash", help="What is in the trash.")] = False,
) -> None:
    """List files and folders."""
    folder = path.strip("/")
    found = 0
    async with cli.strongroom() as strongroom:
        if trash or recursive:
            prefix = f"{folder}/" if folder else ""
            async for file in strongroom.files.list(prefix=prefix, sort="path", trashed=trash):
                found += _shown(cli.out, file, long=long, name=file.path)
        else:
            async for one in strongroom.folders.list(folder):
                found += _folder(cli.out, one.path, one.name, long=long)
            async for file in strongroom.files.list(folder=folder, sort="path"):
                found += _shown(cli.out, file, long=long, name=file.filename)
        if not found and folder and not path.endswith("/") and not trash:
            _shown(cli.out, await strongroom.files.at(folder), long=long, name=folder)
        elif not found and folder and not trash:
            raise NotThere(f"There is no folder {path}")


@command(app)
async def search(
    cli: Invocation,
    words: Annotated[list[str], typer.Argument(help="Of names, tags, and what is inside.")],
    limit: Annotated[int, typer.Option(min=1, help="How many at the most.")] = 50,
) -> None:
    """Find files by words of their names, tags and content, the best first."""
    async with cli.strongroom() as strongroom:
        count = 0
        async for file in strongroom.files.list(q=" ".join(words)):
            _hit(cli.out, file)
            count += 1
            if count >= limit:
                break


async def exact_or_none(strongroom: "AsyncStrongroom", path: str) -> "File | None":
    from strongroom.client import NotFound

    try:
        return await strongroom.files.at(path)
    except NotFound:
        return None


def wire(file: "File") -> dict[str, Any]:
    return {"type": "file", **file.model_dump(mode="json", exclude={"derived"}, exclude_none=True)}


def _shown(out: Output, file: "File", *, long: bool, name: str) -> int:
    line = visible(name)
    if long:
        line = f"{shown_size(file.size):>10}  {shown_time(file.updated_at)}  {line}"
    out.item(line, wire(file))
    return 1


def _folder(out: Output, path: str, name: str, *, long: bool) -> int:
    line = f"{visible(name)}/"
    out.item(f"{'':>10}  {'':16}  {line}" if long else line, {"type": "folder", "path": path, "name": name})
    return 1


def _hit(out: Output, file: "FoundFile") -> None:
    out.item(visible(file.path), wire(file))
    if out.on_terminal and file.snippet:
        out.line(f"    {_marked(file.snippet, coloured=out.coloured)}")


def _marked(snippet: str, *, coloured: bool) -> str:
    """The snippet is HTML: escaped, with what was found in `<mark>`."""
    from html import unescape

    begin, end = ("\x1b[1m", "\x1b[0m") if coloured else ("", "")
    parts = snippet.replace("</mark>", "\0end\0").replace("<mark>", "\0begin\0").split("\0")
    marks = {"begin": begin, "end": end}
    return "".join(marks[part] if at % 2 else visible(unescape(part)) for at, part in enumerate(parts))

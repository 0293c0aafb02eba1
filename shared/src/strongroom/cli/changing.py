"""`mv`, `rm` and `restore`."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

import typer

from strongroom.cli.commands import command
from strongroom.cli.failures import NotThere, WrongUsage
from strongroom.cli.invocation import Invocation
from strongroom.cli.listing import exact_or_none, wire
from strongroom.cli.printable import visible
from strongroom.cli.prompts import agreed

if TYPE_CHECKING:
    from strongroom.client import AsyncStrongroom, File

app = typer.Typer()


@command(app)
async def mv(
    cli: Invocation,
    source: Annotated[str, typer.Argument(help="A file or a folder.")],
    dest: Annotated[str, typer.Argument(help="Its new path; with / at the end, the folder to put it in.")],
) -> None:
    """Move or rename a file or a folder."""
    path = source.strip("/")
    target = f"{dest.strip('/')}/{path.rpartition('/')[2]}".lstrip("/") if dest.endswith("/") else dest
    async with cli.strongroom() as strongroom:
        file = None if source.endswith("/") else await exact_or_none(strongroom, path)
        if file is not None:
            moved = await strongroom.files.update(file, path=target)
            cli.out.item(visible(moved.path), wire(moved))
            return
        count = await strongroom.folders.move(path, target)
        cli.out.item(f"{visible(target)}/", {"type": "folder", "path": target, "file_count": count})


@command(app)
async def rm(
    cli: Invocation,
    paths: Annotated[list[str], typer.Argument(help="Files; with -r also folders.")],
    recursive: Annotated[bool, typer.Option("-r", "--recursive", help="Folders with all that is in them.")] = False,
    permanent: Annotated[
        bool, typer.Option("--permanent", help="For good, not to the trash; asks first, and a script says -y.")
    ] = False,
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Do not ask.")] = False,
) -> None:
    """Move files and folders to the trash, or remove them for good."""
    from strongroom.cli.many import Many

    if permanent and not yes and not agreed(f"Remove {' '.join(visible(one) for one in paths)} for good?"):
        raise WrongUsage("Nothing was removed")
    async with cli.strongroom() as strongroom:

        async def one(path: str) -> None:
            await _removed(cli, strongroom, path, recursive=recursive, permanent=permanent)

        await Many(cli.out).each(paths, one)


@command(app)
async def restore(
    cli: Invocation,
    paths: Annotated[list[str], typer.Argument(help="As they were called; with / at the end, all in a folder.")],
    version: Annotated[int | None, typer.Option(help="Not out of the trash: back to this version.", min=1)] = None,
) -> None:
    """Take files out of the trash, or go back to an earlier version."""
    from strongroom.cli.many import Many

    async with cli.strongroom() as strongroom:

        async def one(path: str) -> None:
            async for file in _to_restore(strongroom, path, earlier=version is not None):
                restored = await strongroom.files.restore(file, version=version)
                cli.out.item(visible(restored.path), wire(restored))

        await Many(cli.out).each(paths, one)


async def _removed(
    cli: Invocation, strongroom: "AsyncStrongroom", path: str, *, recursive: bool, permanent: bool
) -> None:
    name = path.strip("/")
    file = None if path.endswith("/") else await exact_or_none(strongroom, name)
    if file is not None:
        removal: Callable[[File], Awaitable[None]] = strongroom.files.delete if permanent else strongroom.files.trash
        await removal(file)
        cli.out.item(visible(name), {"type": "file", "path": name, "id": str(file.id), "permanent": permanent})
        return
    if not recursive:
        raise await _no_file(strongroom, name)
    count = await (strongroom.folders.delete if permanent else strongroom.folders.trash)(name)
    document = {"type": "folder", "path": name, "file_count": count, "permanent": permanent}
    cli.out.item(f"{visible(name)}/", document)


async def _no_file(strongroom: "AsyncStrongroom", name: str) -> Exception:
    async for _ in strongroom.files.list(prefix=f"{name}/"):
        return WrongUsage(f"{name} is a folder: rm -r")
    return NotThere(f"There is no file {name}")


async def _to_restore(strongroom: "AsyncStrongroom", path: str, *, earlier: bool) -> "AsyncIterator[File]":
    """Of several of one name, the one that was trashed last."""
    from strongroom.client.paths import normal

    name = normal(path.strip("/"))
    if earlier:
        yield await strongroom.files.at(name)
        return
    prefix = f"{name}/" if path.endswith("/") else name
    done: set[str] = set()
    found = [one async for one in strongroom.files.list(prefix=prefix, trashed=True)]
    for file in sorted(found, key=lambda one: one.updated_at, reverse=True):
        if file.path not in done and (file.path == name or path.endswith("/")):
            done.add(file.path)
            yield file
    if not done:
        raise NotThere(f"There is no {path} in the trash")

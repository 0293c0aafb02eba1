"""`share`, `links` and `unshare`."""

from typing import TYPE_CHECKING, Annotated

import typer

from strongroom.cli.commands import command
from strongroom.cli.failures import WrongUsage
from strongroom.cli.invocation import Invocation
from strongroom.cli.listing import exact_or_none
from strongroom.cli.printable import visible
from strongroom.cli.units import duration, from_now, shown_time

if TYPE_CHECKING:
    from strongroom.client import Link

app = typer.Typer()


@command(app)
async def share(
    cli: Invocation,
    path: Annotated[str, typer.Argument(help="A file or a folder.")],
    expires: Annotated[str | None, typer.Option(metavar="TIME", help="For how long: 30m, 12h, 7d.")] = None,
    password: Annotated[bool, typer.Option("--password", help="Ask for a password, as the link then does.")] = False,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read it from standard input.")] = False,
    max_downloads: Annotated[int | None, typer.Option(min=1, help="How often it may be downloaded.")] = None,
) -> None:
    """Make a link that needs no account, and print its address."""
    from strongroom.cli.prompts import Prompts

    try:
        until = from_now(duration(expires)) if expires else None
    except ValueError as error:
        raise WrongUsage(str(error)) from error
    word = Prompts(password_stdin).password("Password of the link: ") if password or password_stdin else None
    async with cli.strongroom() as strongroom:
        name = path.strip("/")
        file = None if path.endswith("/") else await exact_or_none(strongroom, name)
        link = await strongroom.links.create(
            file,
            folder=None if file else name,
            expires_at=until,
            password=word,
            max_downloads=max_downloads,
        )
    cli.out.item(visible(link.url), link.model_dump(mode="json"))


@command(app)
async def links(cli: Invocation) -> None:
    """List the links that there are."""
    async with cli.strongroom() as strongroom:
        async for link in strongroom.links.list():
            cli.out.item(_line(link), link.model_dump(mode="json"))


@command(app)
async def unshare(
    cli: Invocation, ids: Annotated[list[str], typer.Argument(help="Of links, as `links` lists them.")]
) -> None:
    """End links, at once."""
    from strongroom.cli.many import Many

    async with cli.strongroom() as strongroom:

        async def one(link_id: str) -> None:
            await strongroom.links.delete(link_id)
            cli.out.item(link_id, {"id": link_id})

        await Many(cli.out).each(ids, one)


def _line(link: "Link") -> str:
    about = f"{visible(link.folder)}/" if link.folder is not None else str(link.file_id)
    until = shown_time(link.expires_at) if link.expires_at else "for ever"
    used = f"{link.downloads}/{link.max_downloads}" if link.max_downloads else ""
    return "\t".join((str(link.id), about, until, "password" if link.has_password else "", used)).rstrip("\t")

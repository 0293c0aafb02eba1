"""`admin users`, `user`, `roles`, `sessions`, `quota`: what administrators do with accounts."""

from typing import TYPE_CHECKING, Annotated

import typer

from strongroom.cli.commands import command
from strongroom.cli.failures import NotThere, WrongUsage
from strongroom.cli.invocation import Invocation
from strongroom.cli.prompts import agreed
from strongroom.cli.units import shown_size, shown_time, size

if TYPE_CHECKING:
    from strongroom.client import AsyncStrongroom, User

app = typer.Typer()
Who = Annotated[str, typer.Argument(metavar="USER", help="An email address or an id.")]


@command(app)
async def users(
    cli: Invocation,
    q: Annotated[str, typer.Argument(metavar="[BEGINNING]", help="Of the email address.")] = "",
    role: Annotated[str | None, typer.Option(help="Only those who have it.")] = None,
    disabled: Annotated[bool | None, typer.Option("--disabled/--enabled", help="Only those.")] = None,
) -> None:
    """List accounts."""
    async with cli.strongroom() as strongroom:
        async for one in strongroom.admin.users(q, role=role, disabled=disabled):
            _show(cli, one)


@command(app)
async def user(
    cli: Invocation,
    who: Who,
    disable: Annotated[bool, typer.Option("--disable", help="Sign out everywhere, and let in nowhere.")] = False,
    enable: Annotated[bool, typer.Option("--enable")] = False,
    reset_mfa: Annotated[bool, typer.Option("--reset-mfa", help="For somebody who lost all second factors.")] = False,
    delete: Annotated[bool, typer.Option("--delete", help="With all files, for good.")] = False,
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Do not ask.")] = False,
) -> None:
    """Show an account, or change it."""
    if disable + enable + reset_mfa + delete > 1:
        raise WrongUsage("One change at a time")
    async with cli.strongroom() as strongroom:
        found = await account(strongroom, who)
        if delete:
            if not yes and not agreed(f"Delete {found.email} with all files?"):
                raise WrongUsage("Nothing was deleted")
            await strongroom.admin.delete_user(found.id)
            cli.out.item(found.email, {"deleted": str(found.id), "email": found.email})
            return
        if reset_mfa:
            await strongroom.admin.reset_second_factors(found.id)
        if disable or enable:
            found = await (strongroom.admin.disable if disable else strongroom.admin.enable)(found.id)
        _show(cli, found)


@command(app)
async def roles(
    cli: Invocation,
    who: Annotated[str, typer.Argument(metavar="[USER]", help="Nobody: the roles that there are.")] = "",
    given: Annotated[list[str] | None, typer.Argument(metavar="[ROLE]...", help="What to have from now on.")] = None,
) -> None:
    """List roles, or say which an account has from now on."""
    async with cli.strongroom() as strongroom:
        if not who:
            for one in await strongroom.admin.roles():
                cli.out.item(f"{one.name}\t{' '.join(one.scopes)}", one.model_dump(mode="json"))
            return
        found = await account(strongroom, who)
        _show(cli, await strongroom.admin.set_roles(found.id, given) if given else found)


@command(app)
async def sessions(
    cli: Invocation, who: Who, end: Annotated[bool, typer.Option("--end", help="Sign out everywhere.")] = False
) -> None:
    """List where an account is signed in, or sign it out."""
    async with cli.strongroom() as strongroom:
        found = await account(strongroom, who)
        if end:
            await strongroom.admin.end_sessions(found.id)
            cli.out.note(f"{found.email} is signed out everywhere.")
            return
        async for one in strongroom.admin.sessions(found.id):
            line = f"{one.id}\t{shown_time(one.last_used_at)}\t{one.client_id}\t{one.address or ''}"
            cli.out.item(line, one.model_dump(mode="json"))


@command(app)
async def quota(
    cli: Invocation,
    who: Who,
    limit: Annotated[str, typer.Argument(metavar="[SIZE]", help="Like 500G; `default` for the usual one.")] = "",
) -> None:
    """Show how much an account has stored, or say how much it may."""
    try:
        wanted = None if limit in {"", "default"} else size(limit)
    except ValueError as error:
        raise WrongUsage(str(error)) from error
    async with cli.strongroom() as strongroom:
        found = await account(strongroom, who)
        usage = await (strongroom.admin.set_quota(found.id, wanted) if limit else strongroom.admin.quota(found.id))
    line = f"{found.email}\t{shown_size(usage.bytes)} of {shown_size(usage.quota)}\t{usage.count} files"
    cli.out.item(line, {"user_id": str(found.id), "email": found.email, **usage.model_dump(mode="json")})


async def account(strongroom: "AsyncStrongroom", who: str) -> "User":
    """Raises NotThere."""
    if "@" not in who:
        return await strongroom.admin.user(who)
    async for one in strongroom.admin.users(who):
        if one.email.casefold() == who.casefold():
            return one
    raise NotThere(f"There is no account {who}")


def _show(cli: Invocation, one: "User") -> None:
    state = "disabled" if one.disabled_at else ""
    line = "\t".join((str(one.id), one.email, " ".join(one.roles), state)).rstrip("\t")
    cli.out.item(line, one.model_dump(mode="json"))

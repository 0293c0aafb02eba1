"""`admin clients`, `client-add`, `client-secret`, `client-rm`: apps and service accounts."""

from typing import Annotated

import typer

from strongroom.cli.commands import command
from strongroom.cli.invocation import Invocation
from strongroom.cli.printable import visible

app = typer.Typer()
ClientId = Annotated[str, typer.Argument(help="As `admin clients` lists it.")]


@command(app)
async def clients(cli: Invocation) -> None:
    """List apps and service accounts."""
    async with cli.strongroom() as strongroom:
        async for one in strongroom.admin.clients():
            line = f"{one.client_id}\t{visible(one.name)}\t{' '.join(one.scopes)}"
            cli.out.item(line, one.model_dump(mode="json"))


@command(app, "client-add")
async def client_add(
    cli: Invocation,
    name: Annotated[str, typer.Argument(help="As people see it.")],
    scope: Annotated[list[str], typer.Option("--scope", help="May be repeated.")],
    redirect_uri: Annotated[list[str] | None, typer.Option(help="For an app that people sign in to.")] = None,
    public: Annotated[bool, typer.Option("--public", help="It can keep no secret.")] = False,
) -> None:
    """Register an app or a service account; its secret is told this once."""
    async with cli.strongroom() as strongroom:
        made = await strongroom.admin.register_client(name, scope, redirect_uris=redirect_uri or (), public=public)
    cli.out.item(f"{made.client_id}\t{made.client_secret or ''}".rstrip("\t"), made.model_dump(mode="json"))


@command(app, "client-secret")
async def client_secret(cli: Invocation, client_id: ClientId) -> None:
    """Give a client a new secret; the old one is void at once."""
    async with cli.strongroom() as strongroom:
        renewed = await strongroom.admin.renew_client_secret(client_id)
    cli.out.item(f"{renewed.client_id}\t{renewed.client_secret}", renewed.model_dump(mode="json"))


@command(app, "client-rm")
async def client_rm(cli: Invocation, client_id: ClientId) -> None:
    """Remove a client, with every session that it opened."""
    async with cli.strongroom() as strongroom:
        await strongroom.admin.delete_client(client_id)
    cli.out.item(client_id, {"deleted": client_id})

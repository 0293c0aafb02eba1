"""`admin keys`, `jobs`, `audit`: the service itself."""

from typing import Annotated

import typer

from strongroom.cli.commands import command
from strongroom.cli.invocation import Invocation
from strongroom.cli.printable import visible
from strongroom.cli.units import shown_time

app = typer.Typer()


@command(app)
async def keys(
    cli: Invocation,
    rotate: Annotated[bool, typer.Option("--rotate", help="Sign with a new one as soon as all know it.")] = False,
    emergency: Annotated[
        bool, typer.Option("--emergency", help="With --rotate: all tokens become invalid now.")
    ] = False,
) -> None:
    """List the keys that sign tokens, or begin to use a new one."""
    async with cli.strongroom() as strongroom:
        found = await (strongroom.admin.rotate_keys(emergency=emergency) if rotate else strongroom.admin.keys())
    for one in found:
        cli.out.item(f"{one.kid}\t{one.state}\t{shown_time(one.created_at)}", one.model_dump(mode="json"))


@command(app)
async def jobs(
    cli: Invocation,
    state: Annotated[str | None, typer.Option(help="queued, picked or failed.")] = None,
    retry: Annotated[int | None, typer.Option(metavar="ID", help="Try one that failed again.")] = None,
) -> None:
    """List what the file service has still to do, or could not."""
    async with cli.strongroom() as strongroom:
        if retry is not None:
            await strongroom.admin.retry_job(retry)
            cli.out.item(str(retry), {"retried": retry})
            return
        async for one in strongroom.admin.jobs(state=state):
            line = f"{one.id}\t{one.state}\t{one.name}\t{visible(one.reason or '')}".rstrip("\t")
            cli.out.item(line, one.model_dump(mode="json"))


@command(app)
async def audit(
    cli: Invocation,
    event: Annotated[str | None, typer.Option(help="Like session.opened.")] = None,
    account_id: Annotated[str | None, typer.Option("--account", metavar="ID", help="Whom it concerns.")] = None,
    actor_id: Annotated[str | None, typer.Option("--actor", metavar="ID", help="Who did it.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at the most.")] = 50,
) -> None:
    """Show who did what, when and from where; the newest first."""
    async with cli.strongroom() as strongroom:
        count = 0
        async for one in strongroom.admin.audit(event=event, account_id=account_id, actor_id=actor_id):
            line = f"{shown_time(one.time)}\t{one.event}\t{one.account_id or ''}\t{one.address or ''}".rstrip("\t")
            cli.out.item(line, one.model_dump(mode="json"))
            count += 1
            if count == limit:
                break

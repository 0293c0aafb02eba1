"""`watch`: what happens, as it happens."""

from typing import TYPE_CHECKING, Annotated

import typer

from strongroom.cli.commands import command
from strongroom.cli.invocation import Invocation
from strongroom.cli.printable import visible

if TYPE_CHECKING:
    from strongroom.client import Event

app = typer.Typer()


@command(app)
async def watch(
    cli: Invocation,
    prefix: Annotated[str, typer.Argument(help="How paths begin.")] = "",
    types: Annotated[
        list[str] | None, typer.Option("--type", help="Like file.created or link.*; may be repeated.")
    ] = None,
    after: Annotated[int | None, typer.Option(help="First what was missed since the event of this number.")] = None,
    count: Annotated[int | None, typer.Option("-n", "--count", min=1, help="End after so many.")] = None,
) -> None:
    """Show what happens to your files, until Ctrl-C."""
    seen = 0
    async with cli.strongroom() as strongroom:
        async for event in strongroom.events(after=after, types=types or (), prefix=prefix):
            cli.out.item(_line(event), event.model_dump(mode="json"))
            cli.out.data.flush()
            seen += 1
            if seen == count:
                break


def _line(event: "Event") -> str:
    about = event.data.get("path") or event.data.get("folder") or event.data.get("id") or ""
    return f"{event.id}  {event.time.astimezone():%H:%M:%S}  {visible(event.type):<20}  {visible(str(about))}"

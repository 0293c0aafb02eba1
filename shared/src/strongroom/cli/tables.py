"""`rows`: what is in a CSV file or a workbook."""

import time
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from strongroom.cli.commands import command
from strongroom.cli.invocation import Invocation
from strongroom.cli.printable import visible

if TYPE_CHECKING:
    from strongroom.client import AsyncRows, AsyncStrongroom

app = typer.Typer()
_ON_A_TERMINAL = 50
_PAGE = 1000


@command(app)
async def rows(
    cli: Invocation,
    path: Annotated[str, typer.Argument(help="A CSV file or a workbook.")],
    where: Annotated[str | None, typer.Option(help="Like: people > 130000 and not founded is null")] = None,
    columns: Annotated[str | None, typer.Option(help="Which, with commas between.")] = None,
    order_by: Annotated[str | None, typer.Option(help="By which columns; -people for the largest first.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="How many; on a terminal 50, otherwise all.")] = None,
    sheet: Annotated[int, typer.Option(min=1, help="Of a workbook.")] = 1,
    wait: Annotated[float, typer.Option(min=0, help="Seconds, for a file that has just come.")] = 60,
) -> None:
    """Show rows as a table on a terminal, as CSV to a pipe."""
    import csv

    most = limit or (_ON_A_TERMINAL if cli.out.on_terminal else None)
    selection = {"where": where, "columns": columns, "order_by": order_by}
    async with cli.strongroom() as strongroom:
        found = await _read(
            strongroom, path, wait, {**selection, "sheet": sheet, "page_size": min(most or _PAGE, _PAGE)}
        )
        names = [column.name for column in found.columns]
        if cli.out.on_terminal:
            await _table(cli, names, found, most)
        elif cli.out.json:
            async for row in _first(found, most):
                cli.out.document(dict(zip(names, row, strict=True)))
        else:
            writer = csv.writer(cli.out.data, lineterminator="\n")  # as other commands of a pipe have it
            writer.writerow(names)
            async for row in _first(found, most):
                writer.writerow([_cell(value) for value in row])


async def _read(strongroom: "AsyncStrongroom", path: str, wait: float, selection: dict[str, Any]) -> "AsyncRows":
    """Waits for what is inside a file that has just come. Raises NotReadYet."""
    import asyncio

    from strongroom.client import NotReadYet

    file = await strongroom.files.at(path.strip("/"))
    until = time.monotonic() + wait
    while True:
        try:
            return await strongroom.files.rows(file, **selection)
        except NotReadYet as error:
            pause = max(0.25, error.retry_after)
            if time.monotonic() + pause > until:
                raise
        await asyncio.sleep(pause)


async def _first(found: "AsyncRows", most: int | None) -> AsyncIterator[Sequence[Any]]:
    count = 0
    async for row in found:
        yield row
        count += 1
        if count == most:
            return


async def _table(cli: Invocation, names: Sequence[str], found: "AsyncRows", most: int | None) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    numbers = {column.name for column in found.columns if column.type in {"integer", "number"}}
    table = Table(box=SIMPLE_HEAD)
    for name in names:
        table.add_column(Text(visible(name)), justify="right" if name in numbers else "left", overflow="fold")
    shown = 0
    async for row in _first(found, most):
        table.add_row(*(Text(visible(_cell(value))) for value in row))  # Text: nothing in it is markup
        shown += 1
    Console(file=cli.out.data, no_color=not cli.out.coloured, highlight=False).print(table)
    if shown < found.row_count:
        cli.out.note(f"{shown} of {found.row_count} rows; --limit shows more.")


def _cell(value: object) -> str:
    """As the service writes them into CSV."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)

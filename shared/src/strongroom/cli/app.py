"""The command line as a whole: what there is, and what is said before the command."""

import sys
from collections.abc import Sequence

import typer

from strongroom.cli import (
    accounts,
    administration,
    changing,
    getting,
    listing,
    putting,
    running,
    sharing,
    tables,
    watching,
)
from strongroom.cli.commands import Json, ProfileName, Url, invoked
from strongroom.cli.exit_codes import TOLD
from strongroom.cli.output import encode_all_names

app = typer.Typer(
    name="strongroom",
    help="Files and accounts in Strongroom.",
    epilog=TOLD,
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help: a third of the start-up time was its colours
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for group in (accounts, listing, putting, getting, changing, sharing, tables, watching, running):
    app.registered_commands += group.app.registered_commands
app.add_typer(administration.app, name="admin", help="What administrators may do.")


@app.callback(invoke_without_command=True)
def before(
    ctx: typer.Context,
    json: Json = False,
    profile: ProfileName = None,
    url: Url = None,
    show_version: bool = typer.Option(False, "--version", help="Show the version."),
) -> None:
    if show_version:
        from importlib.metadata import version  # a third of the start-up time, for this line alone

        sys.stdout.write(f"strongroom {version('strongroom')}\n")
        raise typer.Exit
    ctx.obj = invoked(ctx, json=json, profile=profile, url=url)


def run(arguments: Sequence[str]) -> int:
    """The exit code."""
    encode_all_names()
    try:
        app(list(arguments), prog_name="strongroom")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1
    return 0

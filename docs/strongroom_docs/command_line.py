"""The page about the command `strongroom`: what `--help` says of it and of each of its commands."""

from typer import Context
from typer.cli import get_docs_for_click
from typer.main import get_command

from strongroom.cli.app import app


def command_line_page() -> str:
    command = get_command(app)
    return get_docs_for_click(obj=command, ctx=Context(command), name="strongroom", title="Command line")

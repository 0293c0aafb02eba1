"""`up`: runs a whole Strongroom on this machine."""

import os
import sys
from importlib.util import find_spec

import typer

from strongroom.cli.commands import command
from strongroom.cli.failures import CommandError
from strongroom.cli.invocation import Invocation

app = typer.Typer()
_LAUNCHER = "strongroom_embedded"


class NotInstalled(CommandError):
    slug = "not-installed"


@command(app)
async def up(_: Invocation) -> None:
    """Run Strongroom here, with its own PostgreSQL and S3 server, until Ctrl-C."""
    if find_spec(_LAUNCHER) is None:
        raise NotInstalled(
            "The package strongroom-embedded is not installed here; in a checkout, `make up` runs the same"
        )
    sys.stdout.flush()
    # In the place of this process, so that whoever stops it stops what it runs.
    os.execv(sys.executable, [sys.executable, "-m", _LAUNCHER])  # noqa: S606 - this very interpreter

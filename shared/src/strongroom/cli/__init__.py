"""The command `strongroom`: accounts and files from a terminal, and from scripts. Comes with `strongroom[cli]`."""

import sys


def main() -> None:
    """What the console script calls."""
    try:
        from strongroom.cli.app import run
    except ModuleNotFoundError as error:
        if error.name != "typer":
            raise
        sys.exit('strongroom: the command comes with its extra: pip install "strongroom[cli]"')
    sys.exit(run(sys.argv[1:]))

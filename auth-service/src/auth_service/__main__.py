"""`python -m auth_service serve` runs the service, `… migrate` brings its tables up to date.

`… rotate-master-key` re-encrypts everything under STRONGROOM_MASTER_KEY; STRONGROOM_PREVIOUS_MASTER_KEY opens it. Start
the services with both first, and with the new one alone afterwards.
"""

import argparse
import asyncio
from pathlib import Path

from auth_service.app import create_app, reseal
from auth_service.settings import AuthSettings
from strongroom.database.migrations import migrate
from strongroom.web.server import serve
from strongroom.web.settings import DatabaseSettings

MIGRATIONS = Path(__file__).parents[2] / "migrations"


def main() -> None:
    parser = argparse.ArgumentParser(prog="auth_service", description=__doc__)
    parser.add_argument("command", choices=["serve", "migrate", "rotate-master-key"])
    parser.add_argument("--to", default="head", help="where migrate stops: what restores an older backup wants that")
    arguments = parser.parse_args()
    command = arguments.command
    if command == "migrate":
        migrate(MIGRATIONS, DatabaseSettings().database_url.get_secret_value(), arguments.to)
    elif command == "rotate-master-key":
        print(f"{asyncio.run(reseal(AuthSettings()))} secrets are under the new key")
    else:
        settings = AuthSettings()
        serve(create_app(settings), settings, name="auth")


if __name__ == "__main__":
    main()

"""`python -m auth_service serve` runs the service, `… migrate` brings its tables up to date.

`… rotate-master-key` re-encrypts everything under STRONGROOM_MASTER_KEY; STRONGROOM_PREVIOUS_MASTER_KEY opens it. Start
the services with both first, and with the new one alone afterwards.
"""

import argparse
import asyncio
from pathlib import Path

MIGRATIONS = Path(__file__).parents[2] / "migrations"


def main() -> None:
    parser = argparse.ArgumentParser(prog="auth_service", description=__doc__)
    parser.add_argument("command", choices=["serve", "migrate", "rotate-master-key"])
    parser.add_argument("--to", default="head", help="where migrate stops: what restores an older backup wants that")
    arguments = parser.parse_args()
    match arguments.command:
        case "migrate":
            _migrate(arguments.to)
        case "rotate-master-key":
            _rotate_master_key()
        case _:
            _serve()


# Each command imports what it needs itself: a migration would wait longer for all the modules than for its tables.
def _migrate(revision: str) -> None:
    from strongroom.database.migrations import migrate
    from strongroom.web.settings import DatabaseSettings

    migrate(MIGRATIONS, DatabaseSettings().database_url.get_secret_value(), revision)


def _rotate_master_key() -> None:
    from auth_service.app import reseal
    from auth_service.settings import AuthSettings

    print(f"{asyncio.run(reseal(AuthSettings()))} secrets are under the new key")


def _serve() -> None:
    from auth_service.app import create_app
    from auth_service.settings import AuthSettings
    from strongroom.web.server import serve

    settings = AuthSettings()
    serve(create_app(settings), settings, name="auth")


if __name__ == "__main__":
    main()

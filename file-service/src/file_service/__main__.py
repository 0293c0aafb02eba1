"""`python -m file_service serve` runs the service, `… migrate` makes its tables and its bucket ready."""

import argparse
from pathlib import Path

from file_service.app import create_app
from file_service.settings import FileSettings, StorageSettings
from file_service.storage import bucket
from file_service.storing import client
from strongroom.database.migrations import migrate
from strongroom.web.server import serve
from strongroom.web.settings import DatabaseSettings

MIGRATIONS = Path(__file__).parents[2] / "migrations"


def main() -> None:
    parser = argparse.ArgumentParser(prog="file_service", description=__doc__)
    parser.add_argument("command", choices=["serve", "migrate"])
    if parser.parse_args().command == "migrate":
        migrate(MIGRATIONS, DatabaseSettings().database_url.get_secret_value())
        _prepare_bucket(StorageSettings())
    else:
        settings = FileSettings()
        serve(create_app(settings), settings)


def _prepare_bucket(settings: StorageSettings) -> None:
    bucket.prepare(client(settings, settings.s3_endpoint), settings.s3_bucket)


if __name__ == "__main__":
    main()

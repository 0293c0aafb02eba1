"""`python -m file_service serve` runs the service, `… work` its jobs; `… migrate` makes its tables and bucket ready.

`… prepare-store` makes the bucket too, with the store's own key, and the key that the others use.
"""

import argparse
from pathlib import Path

import uvloop

from file_service import storing
from file_service.app import create_app
from file_service.sandbox.concealment import conceal
from file_service.settings import FileSettings, StorageSettings, StoreSetupSettings, WorkerSettings
from file_service.storage import bucket
from file_service.work import work
from strongroom.database.migrations import migrate
from strongroom.trace_export import exporting
from strongroom.web.logs import configure_logs
from strongroom.web.server import serve
from strongroom.web.settings import DatabaseSettings
from strongroom.web.websocket_protocol import StrictWebSocket

MIGRATIONS = Path(__file__).parents[2] / "migrations"


def main() -> None:
    parser = argparse.ArgumentParser(prog="file_service", description=__doc__)
    parser.add_argument("command", choices=["serve", "work", "migrate", "prepare-store"])
    parser.add_argument("--to", default="head", help="where migrate stops: what restores an older backup wants that")
    arguments = parser.parse_args()
    conceal()
    match arguments.command:
        case "migrate":
            migrate(MIGRATIONS, DatabaseSettings().database_url.get_secret_value(), arguments.to)
            _prepare_bucket(StorageSettings())
        case "prepare-store":
            storing.prepare(StoreSetupSettings())
        case "work":
            worker_settings = WorkerSettings()
            configure_logs(worker_settings.log_level)
            with exporting("files-worker"):
                uvloop.run(work(worker_settings))
        case _:
            settings = FileSettings()
            serve(create_app(settings), settings, name="files", ws=StrictWebSocket)


def _prepare_bucket(settings: StorageSettings) -> None:
    bucket.prepare(storing.client(settings, settings.s3_endpoint), settings.s3_bucket)


if __name__ == "__main__":
    main()

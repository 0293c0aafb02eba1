"""`python -m file_service serve` runs the service, `… work` its jobs; `… migrate` makes its tables and bucket ready.

`… prepare-store` makes the bucket too, with the store's own key, and the key that the others use.
"""

import argparse
from pathlib import Path

from file_service.sandbox.concealment import conceal

MIGRATIONS = Path(__file__).parents[2] / "migrations"


def main() -> None:
    parser = argparse.ArgumentParser(prog="file_service", description=__doc__)
    parser.add_argument("command", choices=["serve", "work", "migrate", "prepare-store"])
    parser.add_argument("--to", default="head", help="where migrate stops: what restores an older backup wants that")
    arguments = parser.parse_args()
    conceal()
    match arguments.command:
        case "migrate":
            _migrate(arguments.to)
        case "prepare-store":
            _prepare_store()
        case "work":
            _work()
        case _:
            _serve()


# Each command imports what it needs itself: a migration would wait longer for all the modules than for its tables.
def _migrate(revision: str) -> None:
    from file_service import storing
    from file_service.settings import StorageSettings
    from file_service.storage import bucket
    from strongroom.database.migrations import migrate
    from strongroom.web.settings import DatabaseSettings

    migrate(MIGRATIONS, DatabaseSettings().database_url.get_secret_value(), revision)
    settings = StorageSettings()
    bucket.prepare(storing.client(settings, settings.s3_endpoint), settings.s3_bucket)


def _prepare_store() -> None:
    from file_service import storing
    from file_service.settings import StoreSetupSettings

    storing.prepare(StoreSetupSettings())


def _work() -> None:
    import uvloop

    from file_service.settings import WorkerSettings
    from file_service.work import work
    from strongroom.trace_export import exporting
    from strongroom.web.logs import configure_logs

    settings = WorkerSettings()
    configure_logs(settings.log_level)
    with exporting("files-worker"):
        uvloop.run(work(settings))


def _serve() -> None:
    from file_service.app import create_app
    from file_service.settings import FileSettings
    from strongroom.web.server import serve
    from strongroom.web.websocket_protocol import StrictWebSocket

    settings = FileSettings()
    serve(create_app(settings), settings, name="files", ws=StrictWebSocket)


if __name__ == "__main__":
    main()

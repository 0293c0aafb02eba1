"""`python -m strongroom_backup.one_machine backup FOLDER`, `… restore FOLDER`: behind `make backup` and `make restore`.

Of the stack in STRONGROOM_DATA, running or not. A backup takes the secret keys along that lie there as files and in no
table; `--without-keys` leaves them out. Exit codes are those of `python -m strongroom_backup`.
"""

import asyncio
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from pydantic import SecretStr

from file_service.storage.object_store import StoreUnavailable
from strongroom_backup import commands, key_files
from strongroom_backup.arguments import Asked, parsed
from strongroom_backup.backup import Keys
from strongroom_backup.errors import BackupError, NotStrongroom, StackRuns, told
from strongroom_backup.repository import Repository
from strongroom_backup.settings import BackupSettings
from strongroom_backup.verifying import check
from strongroom_embedded.data_directory import claimed
from strongroom_embedded.errors import DirectoryInUse, LauncherError
from strongroom_embedded.private_files import private_directory
from strongroom_embedded.secrets_store import Secrets, load_secrets
from strongroom_embedded.servers import Servers
from strongroom_embedded.settings import ObjectStoreAddress, Settings


def main() -> int:
    arguments = parsed(__doc__, ("backup", "restore"))
    try:
        settings = Settings.from_environment(os.environ)
        if arguments.command == "backup":
            return _back_up(arguments.asked, settings)
        return _restore(arguments.asked, settings)
    except LauncherError as error:
        print(error, file=sys.stderr, flush=True)
        return error.exit_code
    except (BackupError, StoreUnavailable, OSError) as error:
        print(told(error), file=sys.stderr, flush=True)
        return 1


def _back_up(asked: Asked, stack: Settings) -> int:
    if not (stack.data / "secrets").is_dir():
        raise NotStrongroom(f"There is no stack in {stack.data}; STRONGROOM_DATA says where it is")
    secrets = load_secrets(stack.data / "secrets")
    with _servers(stack, secrets) as settings:
        files = {} if asked.without_keys else key_files.read(stack)
        return asyncio.run(commands.back_up(asked, settings, Keys(settings.master_key_mark, files)))


def _restore(asked: Asked, stack: Settings) -> int:
    try:
        with claimed(stack.data):
            _bring_keys(asked, stack)
            with _running(stack, load_secrets(stack.data / "secrets")) as settings:
                return asyncio.run(commands.restore(asked, settings))
    except DirectoryInUse as error:
        raise StackRuns(f"A stack runs on {stack.data}; stop it, and name a new STRONGROOM_DATA") from error


def _bring_keys(asked: Asked, stack: Settings) -> None:
    repository = Repository(asked.folder)
    with repository.read_only():
        snapshot = repository.snapshot(asked.snapshot)
        check(snapshot)  # before there is anything of it
        key_files.bring(snapshot, stack)


@contextmanager
def _servers(stack: Settings, secrets: Secrets) -> Iterator[BackupSettings]:
    """Those of a stack that runs, or else started for as long as this takes."""
    with ExitStack() as inside:
        if _is_claimed(inside, stack):
            yield inside.enter_context(_running(stack, secrets))
        else:
            yield _settings(stack, secrets, *Servers(stack, secrets, time.sleep, _say).attach())


def _is_claimed(inside: ExitStack, stack: Settings) -> bool:
    try:
        inside.enter_context(claimed(stack.data))
    except DirectoryInUse:
        return False
    return True


@contextmanager
def _running(stack: Settings, secrets: Secrets) -> Iterator[BackupSettings]:
    private_directory(stack.data / "logs")
    servers = Servers(stack, secrets, time.sleep, _say)
    try:
        store = servers.launch_object_store()
        database_url = servers.start_database()
        servers.wait_for_object_store()
        yield _settings(stack, secrets, database_url, store)
    finally:
        servers.stop()


def _settings(stack: Settings, secrets: Secrets, database_url: str, store: ObjectStoreAddress) -> BackupSettings:
    return BackupSettings(
        database_url=SecretStr(database_url),
        s3_endpoint=store.endpoint,
        s3_access_key=SecretStr(store.access_key),
        s3_secret_key=SecretStr(store.secret_key),
        s3_bucket=store.bucket,
        master_key=SecretStr(stack.master_key or secrets.master_key),
    )


def _say(line: str) -> None:
    with suppress(BrokenPipeError):
        print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())

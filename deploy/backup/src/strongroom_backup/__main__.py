"""`python -m strongroom_backup backup FOLDER`, `… restore FOLDER`, `… verify FOLDER`.

Which database and which bucket is said by STRONGROOM_DATABASE_URL and STRONGROOM_S3_…, as to the services. Ends with 0
when all is well, with 1 and one line when it is not, and with 2 when asked for what there is not.
"""

import asyncio
import sys

from pydantic import ValidationError

from file_service.storage.object_store import StoreUnavailable
from strongroom_backup import commands
from strongroom_backup.arguments import parsed
from strongroom_backup.errors import BackupError, told
from strongroom_backup.settings import BackupSettings


def main() -> int:
    arguments = parsed(__doc__, ("backup", "restore", "verify"))
    try:
        if arguments.command == "verify":
            return asyncio.run(commands.verify(arguments.asked))
        settings = BackupSettings()
        if arguments.command == "backup":
            return asyncio.run(commands.back_up(arguments.asked, settings))
        return asyncio.run(commands.restore(arguments.asked, settings))
    except (BackupError, StoreUnavailable, OSError) as error:
        print(told(error), file=sys.stderr, flush=True)
        return 1
    except ValidationError as error:
        names = ", ".join(f"STRONGROOM_{one['loc'][0]}".upper() for one in error.errors())
        print(f"These settings are missing or wrong: {names}", file=sys.stderr, flush=True)
        return 2


if __name__ == "__main__":
    sys.exit(main())

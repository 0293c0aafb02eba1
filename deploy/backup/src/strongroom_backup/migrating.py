"""Has the services make their tables, in processes of their own: a backup knows no service from inside."""

import asyncio
import os
import sys
from collections.abc import Mapping

from strongroom_backup.errors import WrongRevision
from strongroom_backup.settings import BackupSettings

_MODULES = {"auth": "auth_service", "files": "file_service"}
_SHOWN = 2000  # of what a failed one says, from the end


async def migrate(settings: BackupSettings, revisions: Mapping[str, str] | None = None) -> None:
    """To these revisions, by schema, or to the newest. Makes the bucket too. Raises WrongRevision."""
    for schema, module in _MODULES.items():
        await _migrate(settings, module, "head" if revisions is None else revisions[schema])


async def _migrate(settings: BackupSettings, module: str, revision: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", module, "migrate", "--to", revision),
        env={**os.environ, **_environment(settings)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    if process.returncode:
        told = said.decode(errors="replace")[-_SHOWN:]
        raise WrongRevision(f"The tables of {module} could not be brought to revision {revision}:\n{told}")


def _environment(settings: BackupSettings) -> dict[str, str]:
    return {
        "STRONGROOM_DATABASE_URL": settings.database_url.get_secret_value(),
        "STRONGROOM_S3_ENDPOINT": settings.s3_endpoint,
        "STRONGROOM_S3_ACCESS_KEY": settings.s3_access_key.get_secret_value(),
        "STRONGROOM_S3_SECRET_KEY": settings.s3_secret_key.get_secret_value(),
        "STRONGROOM_S3_BUCKET": settings.s3_bucket,
        "STRONGROOM_S3_REGION": settings.s3_region,
    }

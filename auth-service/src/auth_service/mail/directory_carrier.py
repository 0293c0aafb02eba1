"""Writes mails as `.eml` files into a directory, for where there is no mail server."""

import asyncio
import os
from datetime import UTC
from email.message import EmailMessage
from pathlib import Path

from auth_service.mail.outbox import QueuedMail
from strongroom.database.job_worker import NotYet


class DirectoryCarrier:
    """Names sort by time. For the owner only: whoever reads a mail can take over the account that it is for."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def carry(self, mail: QueuedMail, composed: EmailMessage) -> None:
        """A mail that is carried twice is one file. Raises NotYet."""
        written = f"{mail.written_at.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}"
        try:
            await asyncio.to_thread(self._write, f"{written}-{mail.id}.eml", bytes(composed))
        except OSError as error:
            raise NotYet(f"the directory: {os.strerror(error.errno or 0)}") from error

    def _write(self, name: str, content: bytes) -> None:
        """All of it or nothing, also if the power fails."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = self._directory / f".{name}.{os.urandom(8).hex()}"
        try:
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(descriptor)
            unfinished.replace(self._directory / name)
        finally:
            unfinished.unlink(missing_ok=True)

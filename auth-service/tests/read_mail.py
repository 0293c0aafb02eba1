"""Reads the mails that the auth service wrote to its directory."""

import asyncio
import email
import email.policy
import re
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

_LINK = re.compile(r"^http://strongroom\.test(/auth/\S+\?token=(\S+))$", re.MULTILINE)


@dataclass
class Mail:
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        return str(self.message.get_content()).replace("\r\n", "\n")

    @property
    def path(self) -> str:
        """Where its link leads, on the service."""
        found = _LINK.search(self.text)
        assert found, self.text
        return found[1]

    @property
    def token(self) -> str:
        found = _LINK.search(self.text)
        assert found, self.text
        return found[2]


class Mailbox:
    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def all(self, to: str = "ada@example.com") -> list[Mail]:
        """Oldest first."""
        files = sorted(self._directory.glob("*.eml"))
        messages = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]
        return [Mail(message) for message in messages if message["To"] == to]

    async def newest(self, subject: str, to: str = "ada@example.com", *, count: int = 1) -> Mail:
        """The newest with that subject, once there are so many of them."""
        async with asyncio.timeout(20):
            while len(found := [mail for mail in self.all(to) if mail.subject == subject]) < count:  # noqa: ASYNC110 - files tell nobody
                await asyncio.sleep(0.01)
        return found[-1]

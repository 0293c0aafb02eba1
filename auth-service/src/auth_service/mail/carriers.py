"""What takes mails away: an SMTP server, or a directory."""

from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

from auth_service.mail.directory_carrier import DirectoryCarrier
from auth_service.mail.outbox import QueuedMail
from auth_service.mail.smtp_carrier import SmtpCarrier


class Carrier(Protocol):
    async def carry(self, mail: QueuedMail, composed: EmailMessage) -> None:
        """May be called again for the same mail. Raises NotYet, or GiveUp where no attempt will ever succeed."""
        ...


def carrier_for(smtp_url: str | None, directory: Path | None) -> Carrier:
    """One of the two is given."""
    if directory is not None:
        return DirectoryCarrier(directory)
    assert smtp_url is not None
    return SmtpCarrier(smtp_url)

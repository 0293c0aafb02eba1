"""Hands mails to an SMTP server."""

import ssl
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib.errors import SMTPException, SMTPRecipientsRefused, SMTPResponseException

from auth_service.mail.outbox import QueuedMail
from strongroom.database.job_worker import GiveUp, NotYet

_PATIENCE = 20.0
# There is no such mailbox (RFC 5321 §4.2.3). Other refusals may be about us, and be mended by who runs this.
_NO_MAILBOX = {550, 551, 553}


class SmtpCarrier:
    """`smtps://user:password@host:465` speaks TLS from the beginning, `smtp://…:587` begins it with STARTTLS.

    Over `smtp://` TLS is used if the server offers it, and with a password there is no mail without it. A user or
    password with special characters is percent-encoded.
    """

    def __init__(self, url: str, *, tls: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(url)
        self._implicit_tls = parts.scheme == "smtps"
        self._host = parts.hostname
        self._port = parts.port or (465 if self._implicit_tls else 587)
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._tls = tls

    async def carry(self, mail: QueuedMail, composed: EmailMessage) -> None:
        """Raises NotYet, GiveUp. What servers say may hold an address, so only their codes are passed on."""
        try:
            await aiosmtplib.send(
                composed,
                hostname=self._host,
                port=self._port,
                username=self._user,
                password=self._password,
                use_tls=self._implicit_tls,
                start_tls=self._start_tls(),
                tls_context=self._tls,
                timeout=_PATIENCE,
            )
        except SMTPRecipientsRefused as refusal:
            code = refusal.recipients[0].code
            raise (GiveUp if code in _NO_MAILBOX else NotYet)(f"SMTP {code}") from refusal
        except SMTPResponseException as refusal:
            raise NotYet(f"SMTP {refusal.code}") from refusal
        except (SMTPException, OSError) as error:
            raise NotYet(type(error).__name__) from error

    def _start_tls(self) -> bool | None:
        if self._implicit_tls:
            return False
        return True if self._user else None

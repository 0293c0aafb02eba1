"""Puts a mail into the form of RFC 5322. Nothing in it can become a header of its own."""

from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime

import idna

from auth_service.mail.outbox import QueuedMail


class Uncomposable(Exception):
    """There is no such mail: a line break or NUL in the subject, or something that is not an address."""


def compose(mail: QueuedMail, sender: str) -> EmailMessage:
    """Raises Uncomposable. `sender` is a bare address."""
    message = mail.message
    try:
        recipient, author = _address(message.to), _address(sender, "Strongroom")
        policy = SMTP if recipient.addr_spec.isascii() else SMTPUTF8
        composed = EmailMessage(policy.clone(raise_on_defect=True))
        composed["From"] = author
        composed["To"] = recipient
        composed["Subject"] = _line(message.subject)
        composed["Date"] = format_datetime(mail.written_at)
        # The same at every attempt: mailboxes drop what they have already.
        composed["Message-ID"] = f"<{mail.id}@{author.domain}>"
        composed["Auto-Submitted"] = "auto-generated"  # RFC 3834: so that no vacation message answers it
        # Unbroken lines where that is possible: a link stays one even where the file is read as it is.
        composed.set_content(message.text, cte="7bit" if _is_plain(message.text) else "quoted-printable")
    except (ValueError, IndexError, MessageError) as error:
        raise Uncomposable from error
    return composed


def _address(text: str, display_name: str = "") -> Address:
    local, at, domain = _line(text).rpartition("@")
    if not (local and at and domain):
        raise ValueError("not an address")
    # A domain has a form in ASCII, and then every mail server can take it.
    plain = domain if domain.isascii() else idna.encode(domain, uts46=True).decode()
    if local.isascii():
        return Address(display_name, addr_spec=f"{local}@{plain}")
    return Address(display_name, local, plain)


def _line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("control characters")
    return text


def _is_plain(text: str) -> bool:
    return text.isascii() and "\0" not in text and all(len(line) <= 990 for line in text.splitlines())

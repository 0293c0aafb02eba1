"""A mail (RFC 5322): who wrote what to whom, and what is attached."""

from datetime import datetime
from email.message import EmailMessage
from io import BytesIO
from itertools import islice
from typing import Final

from file_service.parsers.contract import Facts, Source
from file_service.parsers.documents.description import Description, line_of
from file_service.parsers.documents.page import read_page
from file_service.parsers.documents.parts import PARTS, charset, content, leaves, split
from file_service.parsers.documents.plain import decoded
from file_service.parsers.documents.prose import Prose

_ATTACHMENTS: Final = 100


def read_mail(source: Source, prose: Prose) -> Description:
    """`more` has from, to, date (ISO 8601) and attachments: the first 100, with their sizes in bytes."""
    letter = split(source)
    message = letter.message
    attachments: list[Facts] = []
    language = None
    for part in islice(leaves(message), PARTS):
        if _is_text(part):
            language = _read_text(part, prose) or language
        elif len(attachments) < _ATTACHMENTS:
            attachments.append(_attachment(part))
    prose.end()
    more = {"from": _field(message, "from"), "to": _field(message, "to"), "date": _date(message)}
    return Description(_field(message, "subject"), language, letter.is_cut, more | {"attachments": attachments})


def _is_text(part: EmailMessage) -> bool:
    if part.get_content_disposition() == "attachment" or part.get_filename() is not None:
        return False
    return part.get_content_type() in ("text/plain", "text/html")


def _read_text(part: EmailMessage, prose: Prose) -> str | None:
    """The language that an HTML page tells."""
    description = Description()
    if prose.full:
        return None
    if part.get_content_type() == "text/html":
        description = read_page(BytesIO(content(part)), prose, charset(part))
    else:
        for text in decoded(BytesIO(content(part)), charset(part)):
            prose.say(text)
    prose.line()
    return description.language


def _attachment(part: EmailMessage) -> Facts:
    return {
        "filename": line_of(part.get_filename()),
        "content_type": line_of(part.get_content_type()),
        "size": len(content(part)),
    }


def _field(message: EmailMessage, name: str) -> str | None:
    value = message[name]
    return None if value is None else line_of(str(value))


def _date(message: EmailMessage) -> str | None:
    sent = getattr(message["date"], "datetime", None)
    return sent.isoformat() if isinstance(sent, datetime) else None

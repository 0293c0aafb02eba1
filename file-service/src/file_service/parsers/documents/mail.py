"""A message (RFC 5322, MIME): who wrote what to whom, and what is attached."""

from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from io import BytesIO
from typing import Final, cast

from file_service.parsers.contract import Facts, Refused, Source
from file_service.parsers.documents.description import Description, line_of
from file_service.parsers.documents.headers import MailPolicy
from file_service.parsers.documents.page import read_page
from file_service.parsers.documents.plain import decoded
from file_service.parsers.documents.prose import Prose
from file_service.parsers.encoding import labelled_encoding

_LARGEST: Final = 64 * 1024 * 1024  # bytes; held in memory, and that twice
_PARTS: Final = 1_000
_ATTACHMENTS: Final = 100

Texts = list[EmailMessage]


def read_mail(source: Source, prose: Prose) -> Description:
    """`more` has from, to, date (ISO 8601) and attachments, the first 100.

    The parts after the first 1,000 are not looked at. Refused for more than 64 MiB, and for parts within parts within
    parts that no one has written.
    """
    if source.size > _LARGEST:
        raise Refused("too-large", "it is larger than 64 MiB")
    with source.open() as file:
        data = file.read()
    try:
        message = cast("EmailMessage", message_from_bytes(data, policy=MailPolicy()))
        del data
        texts, attached = _parts(message)
    except RecursionError as error:
        raise Refused("unsupported", "its parts are nested too deeply") from error
    language = _read_texts(texts, prose)
    return Description(line_of(_header(message, "subject")), language, _facts(message, attached))


def _facts(message: EmailMessage, attached: list[EmailMessage]) -> Facts:
    sent = getattr(message["date"], "datetime", None)
    return {
        "from": line_of(_header(message, "from")),
        "to": line_of(_header(message, "to")),
        "date": sent.isoformat() if isinstance(sent, datetime) else None,
        "attachments": [_attachment(part) for part in attached[:_ATTACHMENTS]],
    }


def _header(message: EmailMessage, name: str) -> str | None:
    value = message[name]
    return None if value is None else str(value)


def _attachment(part: EmailMessage) -> Facts:
    return {
        "filename": line_of(part.get_filename()),
        "content_type": line_of(part.get_content_type()),
        "size": len(_content(part)),
    }


def _parts(message: EmailMessage) -> tuple[Texts, list[EmailMessage]]:
    """What is to be read, and what is attached."""
    texts: Texts = []
    attached: list[EmailMessage] = []
    for part in _leaves(message):
        if part.get_content_type() in ("text/plain", "text/html") and not _is_attached(part):
            texts.append(part)
        else:
            attached.append(part)
    return texts, attached


def _leaves(message: EmailMessage) -> Iterator[EmailMessage]:
    """From front to back. Of alternatives only plain text, or else the last, which says it best (RFC 2046, §5.1.4)."""
    waiting = [message]
    for _ in range(_PARTS):
        if not waiting:
            return
        part = waiting.pop()
        within = cast("list[EmailMessage]", part.get_payload()) if part.is_multipart() else []
        if not part.is_multipart():
            yield part
        elif part.get_content_type() == "multipart/alternative":
            plain = [each for each in within if each.get_content_type() == "text/plain"]
            waiting.extend(plain[:1] or within[-1:])
        else:
            waiting.extend(reversed(within[:_PARTS]))


def _is_attached(part: EmailMessage) -> bool:
    return part.get_content_disposition() == "attachment" or part.get_filename() is not None


def _read_texts(texts: Texts, prose: Prose) -> str | None:
    """The language that an HTML page among them tells."""
    language = None
    for part in texts:
        label = _charset(part)
        content = BytesIO(_content(part))
        if part.get_content_type() == "text/html":
            language = read_page(content, prose, label).language or language
        else:
            for text in decoded(content, labelled_encoding(label)):
                prose.say(text)
        prose.line()
    prose.end()
    return language


def _charset(part: EmailMessage) -> str | None:
    try:
        return part.get_content_charset()
    except ValueError:
        return None


def _content(part: EmailMessage) -> bytes:
    """Decoded; empty where there is nothing but structure."""
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""

"""A message and its parts (MIME, RFC 2045 and 2046), as much of it as can be read in bounded memory and time."""

from collections.abc import Iterator
from dataclasses import dataclass
from email.feedparser import BytesFeedParser
from email.message import EmailMessage
from email.policy import Policy
from time import process_time
from typing import Final, cast

from file_service.parsers.contract import Refused, Source
from file_service.parsers.documents.headers import MailPolicy

PARTS: Final = 1_000
_CHUNK: Final = 8 * 1024  # the limits are looked at between two
_LARGEST: Final = 64 * 1024 * 1024  # bytes, and for each line, which is an object of its own:
_LINE: Final = 32
_SECONDS: Final = 20  # the standard parser compares each line with each boundary that is open


@dataclass(frozen=True, slots=True)
class Letter:
    message: EmailMessage
    is_cut: bool  # there was more than the limits allow


def split(source: Source) -> Letter:
    """Up to 64 MiB (less, the shorter its lines) and 1,000 parts. Raises Refused for those nested too deeply."""
    parts = _Counted()
    parser = BytesFeedParser(policy=MailPolicy(message_factory=parts))
    left, began = _LARGEST, process_time()
    try:
        with source.open() as file:
            while chunk := file.read(_CHUNK):
                parser.feed(chunk)
                left -= len(chunk) + _LINE * chunk.count(b"\n")
                if left < 0 or parts.count > PARTS or process_time() - began > _SECONDS:
                    break
        return Letter(cast("EmailMessage", parser.close()), is_cut=bool(chunk))
    except RecursionError as error:
        raise Refused("unsupported", "The mail's parts are nested too deeply") from error


def leaves(message: EmailMessage) -> Iterator[EmailMessage]:
    """From front to back. Of alternatives only plain text, or else the last, which says it best (RFC 2046, §5.1.4)."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        within = cast("list[EmailMessage]", part.get_payload()) if part.is_multipart() else []
        if not part.is_multipart():
            yield part
        elif part.get_content_type() == "multipart/alternative":
            plain = [each for each in within if each.get_content_type() == "text/plain"]
            waiting.extend(plain[:1] or within[-1:])
        else:
            waiting.extend(reversed(within))


def content(part: EmailMessage) -> bytes:
    """Decoded; empty where there is nothing but structure."""
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def charset(part: EmailMessage) -> str | None:
    """As the part tells it, which may be anything."""
    try:
        return part.get_content_charset()
    except ValueError:
        return None


class _Counted:
    """Makes the parts."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, policy: Policy) -> EmailMessage:
        self.count += 1
        return EmailMessage(policy)

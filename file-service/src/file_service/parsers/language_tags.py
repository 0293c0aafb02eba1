"""The language that a document says it is in."""

import re
from typing import Final

_TAG: Final = re.compile(r"([a-z]{2})(?:[-_][a-z0-9]{1,8}){0,4}", re.ASCII | re.IGNORECASE)


def tagged_language(tag: str | None) -> str | None:
    """ISO 639-1, from a language tag as documents have it (RFC 5646, "en_GB" too); None for what is no such tag."""
    match = _TAG.fullmatch((tag or "").strip()[:40])
    return match[1].lower() if match else None

"""Tells people from programs: a browser names `text/html` first, a program does not (RFC 9110 §12.5.1)."""

from file_service.negotiation import weights


def prefers_page(accept: str | None) -> bool:
    """Whether `text/html` is named, and nothing is wanted more."""
    wanted = weights(accept)
    page = wanted.get("text/html", 0.0)
    return page > 0 and page >= max(wanted.values())

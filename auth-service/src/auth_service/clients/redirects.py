"""Decides which addresses an app may be sent back to (RFC 9700 §2.1, RFC 8252 §7)."""

import re
from urllib.parse import SplitResult, urlsplit

from auth_service.clients.errors import InvalidRedirectUri

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
# What RFC 3986 allows, but for the fragment: neither urlsplit nor every browser minds a tab or a backslash.
_CHARACTERS = re.compile(r"[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=%-]+")
# The host ends up in the pages' Content-Security-Policy, where a semicolon would begin a policy of its own.
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:]+")


def require_redirect_uri(uri: str) -> None:
    """https, or http on loopback, or an app's own scheme with a dot in it; absolute and without a fragment.

    Raises InvalidRedirectUri.
    """
    parts = _split(uri)
    if parts is None:
        raise InvalidRedirectUri("It must be a URI without a fragment")
    if "@" in parts.netloc:
        raise InvalidRedirectUri("It must not contain credentials")
    host = parts.hostname or ""
    https = parts.scheme == "https" and _HOST.fullmatch(host)
    loopback = parts.scheme == "http" and host in _LOOPBACK
    private_use = "." in parts.scheme and (not parts.netloc or _HOST.fullmatch(host))
    if not (https or loopback or private_use):
        raise InvalidRedirectUri("It must be https, http on loopback, or a private-use scheme like com.example.app")


def matches(requested: str, registered: str) -> bool:
    """The same string (RFC 9700 §2.1), but that an app on loopback may choose its port (RFC 8252 §7.3)."""
    if requested == registered:
        return True
    wanted, known = _split(requested), _split(registered)
    if wanted is None or known is None or "@" in wanted.netloc:
        return False
    if known.scheme != "http" or known.hostname not in {"127.0.0.1", "::1"}:
        return False
    return _but_for_its_port(wanted) == _but_for_its_port(known)


def _but_for_its_port(parts: SplitResult) -> tuple[str | None, ...]:
    return parts.scheme, parts.hostname, parts.path, parts.query


def _split(uri: str) -> SplitResult | None:
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return None
    return parts if _CHARACTERS.fullmatch(uri) else None

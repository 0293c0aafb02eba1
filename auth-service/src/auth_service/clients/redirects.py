"""Decides which addresses an app may be sent back to (RFC 9700 §2.1, RFC 8252 §7)."""

from urllib.parse import urlsplit

from auth_service.clients.errors import InvalidRedirectUri

_LOOPBACK = {"127.0.0.1", "[::1]", "localhost"}
_NEVER = {"javascript", "data", "vbscript", "file", "blob", "about"}


def require_redirect_uri(uri: str) -> None:
    """https, or http on loopback, or an app's own scheme with a dot in it; absolute and without a fragment.

    Raises InvalidRedirectUri.
    """
    try:
        parts = urlsplit(uri)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    except ValueError as error:
        raise InvalidRedirectUri(uri) from error
    if not uri.isascii() or not uri.isprintable() or " " in uri or parts.fragment or "#" in uri:
        raise InvalidRedirectUri("It must be printable ASCII without a fragment")
    if parts.username or parts.password:
        raise InvalidRedirectUri("It must not contain credentials")
    https = parts.scheme == "https" and bool(host)
    loopback = parts.scheme == "http" and host in _LOOPBACK
    private_use = "." in parts.scheme and parts.scheme not in _NEVER
    if not (https or loopback or private_use):
        raise InvalidRedirectUri("It must be https, http on loopback, or a private-use scheme like com.example.app")


def matches(requested: str, registered: str) -> bool:
    """The same string (RFC 9700 §2.1), but that an app on loopback may choose its port (RFC 8252 §7.3)."""
    if requested == registered:
        return True
    try:
        wanted, known = urlsplit(requested), urlsplit(registered)
        wanted_host, known_host = wanted.hostname, known.hostname
        _ = wanted.port
    except ValueError:
        return False
    if known.scheme != "http" or known_host not in {"127.0.0.1", "::1"} or wanted_host != known_host:
        return False
    if wanted.username or wanted.password:
        return False
    return (wanted.scheme, wanted.path, wanted.query, wanted.fragment) == (
        known.scheme,
        known.path,
        known.query,
        known.fragment,
    )

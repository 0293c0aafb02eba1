"""Which relying party (WebAuthn §4) an installation is, by the address that clients know."""

from ipaddress import ip_address
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}


def relying_party(public_url: str) -> tuple[str, list[str]]:
    """Its id, which is a host name, and the origins that its ceremonies may run at.

    Browsers know no relying party by an IP address. On loopback they know it as `localhost`, under the same port.
    """
    url = urlsplit(public_url)
    host = url.hostname or ""
    if not _is_loopback(host):
        return host, [_origin(url.scheme, host, url.port)]
    return "localhost", [_origin(url.scheme, one, url.port) for one in (host, "localhost")]


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _origin(scheme: str, host: str, port: int | None) -> str:
    """As browsers write it (RFC 6454 §6.2): in lower case, without the scheme's default port."""
    host = f"[{host}]" if ":" in host else host
    return f"{scheme}://{host}" if port in {None, _DEFAULT_PORTS[scheme]} else f"{scheme}://{host}:{port}"

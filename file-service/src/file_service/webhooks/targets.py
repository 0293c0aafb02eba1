"""What a webhook's URL may be like."""

import re
from dataclasses import dataclass

import httpx2

from file_service.webhooks.errors import UrlRefused

LONGEST_URL = 2000
_HOST = re.compile(r"[a-z0-9._-]{1,253}|[0-9a-f:.]+")  # in ASCII: names as they are looked up (IDNA), and IPv6
_PORTS = range(1, 65536)


@dataclass(frozen=True, slots=True)
class Target:
    """`host` is a name in ASCII, or an address without brackets."""

    url: httpx2.URL
    host: str


def parse(url: str) -> Target:
    """Raises UrlRefused, which does not repeat it: there may be a secret in it."""
    try:
        parsed = httpx2.URL(url)
        host = parsed.raw_host.decode("ascii").lower()
    except (httpx2.InvalidURL, UnicodeError) as error:
        raise UrlRefused("It cannot be understood") from error
    if parsed.scheme not in {"http", "https"}:
        raise UrlRefused("It must begin with https:// or http://")
    if not _HOST.fullmatch(host):
        raise UrlRefused("It must have a host")
    if parsed.port is not None and parsed.port not in _PORTS:
        raise UrlRefused("There is no such port")
    if parsed.userinfo:
        raise UrlRefused("A name and a password in it would be sent to nobody")
    if parsed.fragment or "#" in url:
        raise UrlRefused("A fragment would be sent to nobody")
    return Target(parsed, host)

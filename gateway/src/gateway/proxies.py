"""Believes what trusted proxies in front say of a client, and nobody else."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from gateway.headers import Sender
from gateway.messages import Request


def plain(address: str) -> IPv4Address | IPv6Address:
    """An old address as itself, where a socket for both kinds tells it as `::ffff:a.b.c.d`. Raises ValueError."""
    found = ip_address(address)
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


class TrustedProxies:
    """`trusted` is a list of addresses and networks, divided by commas, or `*`."""

    def __init__(self, trusted: str) -> None:
        names = [name.strip() for name in trusted.split(",") if name.strip()]
        self._all = "*" in names
        self._networks = [ip_network(name, strict=False) for name in names if name != "*"]
        self.trusts = lru_cache(maxsize=4096)(self._trusts)

    def _trusts(self, address: str) -> bool:
        if self._all:
            return True
        try:
            found = plain(address)
        except ValueError:
            return False
        return any(found in network for network in self._networks)

    def sender(self, peer: str, request: Request) -> Sender:
        """The nearest address that is not one of ours, and how it spoke to the first of ours."""
        host = request.field(b"host")
        if not self.trusts(peer):
            return Sender(peer, host=host)
        scheme, prefix = b"http", None
        forwarded = b",".join(value for name, value in request.fields if name == b"x-forwarded-for")
        address = self._nearest(forwarded.decode("latin-1")) or peer
        for name, value in request.fields:
            if not name.startswith(b"x-forwarded-"):
                continue
            if name == b"x-forwarded-proto" and value.lower() in {b"http", b"https", b"ws", b"wss"}:
                scheme = value.lower().replace(b"ws", b"http")
            elif name == b"x-forwarded-host":
                host = value
            elif name == b"x-forwarded-prefix" and value.startswith(b"/") and not value.startswith(b"//"):
                prefix = value
        return Sender(address, scheme, host, prefix, is_peer=not forwarded)

    def _nearest(self, forwarded: str) -> str | None:
        """Proxies append on the right, so what stands left of the first stranger is hearsay."""
        addresses = [address.strip() for address in forwarded.split(",")]
        for address in reversed(addresses):
            if address and not self.trusts(address):
                return address
        return addresses[0] or None

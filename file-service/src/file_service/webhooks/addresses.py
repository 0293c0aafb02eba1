"""Which addresses webhooks may be sent to: those that anybody could reach, and none of a network that we are in."""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias

from file_service.webhooks.errors import AddressRefused

Address: TypeAlias = IPv4Address | IPv6Address
Resolve: TypeAlias = Callable[[str], Awaitable[Sequence[str]]]

# IANA's registries of special addresses, written down: what Python counts as global differs from release to release.
_NOT_PUBLIC = [
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's own, inside every machine there
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
    )
]
_PUBLIC_6 = IPv6Network("2000::/3")  # everything else is special, or not given out
_NOT_PUBLIC_6 = [
    IPv6Network(network)
    for network in (
        "2001::/23",  # Teredo among them
        "2001:db8::/32",
        "2002::/16",  # 6to4: an IPv4 address in disguise
        "3fff::/20",
    )
]
_TRANSLATED = IPv6Network("64:ff9b::/96")  # how networks without IPv4 reach it (RFC 6052)
_LAST_32 = 0xFFFFFFFF


class NameUnknown(Exception):
    """Nobody knows an address for it, at least now; or it has one that is not public."""


class ResolverBusy(Exception):
    """It was not asked at all: so many look-ups are under way. The name has nothing to do with it."""


class Destinations:
    """Looks names up. With `private`, every address will do."""

    def __init__(self, resolve: Resolve, *, private: bool = False) -> None:
        self._resolve = resolve
        self._private = private

    async def addresses(self, host: str) -> Sequence[Address]:
        """Only these are to be connected to: another look-up could give others.

        One address that is not public is enough to refuse: else it would be a matter of luck which of them is taken.
        Raises AddressRefused; NameUnknown, also for names with such an address, since the difference would tell which
        names there are inside; ResolverBusy.
        """
        if self._private:
            return await self._found(host)
        if _is_local(host):
            raise AddressRefused
        written = _as_written(host)
        # With the dot it is a name as it is, and none that the machine's search list makes of it (RFC 1034 §3.1).
        found = await self._found(f"{host.rstrip('.')}.") if written is None else written
        if not all(map(is_public, found)):
            raise NameUnknown if written is None else AddressRefused
        return found

    async def _found(self, host: str) -> Sequence[Address]:
        try:
            found = [ip_address(one) for one in await self._resolve(host)]
        except (OSError, ValueError) as error:  # not in IDNA, with a zone, or nothing that is an address
            raise NameUnknown from error
        if not found:
            raise NameUnknown
        return list(dict.fromkeys(found))


class SystemResolver:
    """The machine's own. In threads that nothing else waits for: who runs a name server can make it take long.

    A look-up that nobody waits for any more still has its thread. Nobody waits for one: raises ResolverBusy.
    """

    def __init__(self, *, at_once: int = 64) -> None:
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="names")
        self._free = threading.BoundedSemaphore(at_once)

    async def __call__(self, host: str) -> Sequence[str]:
        if not self._free.acquire(blocking=False):
            raise ResolverBusy
        looked_up = self._threads.submit(socket.getaddrinfo, host, None, type=socket.SOCK_STREAM)
        looked_up.add_done_callback(lambda _: self._free.release())
        found = await asyncio.wrap_future(looked_up)
        return [str(one[4][0]) for one in found]

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def is_public(address: Address) -> bool:
    """Whether it is an address of a single machine anywhere in the internet, whatever form it comes in."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC)
    if address.scope_id is not None:
        return False
    if address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    if address in _TRANSLATED:
        return is_public(IPv4Address(int(address) & _LAST_32))
    return address in _PUBLIC_6 and not any(address in network for network in _NOT_PUBLIC_6)


def _as_written(host: str) -> Sequence[Address] | None:
    """The address where it is one, in any of the forms that are taken for one (`127.1`); None for a name."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        return [ip_address(str(one[4][0])) for one in found]
    except OSError:
        return None
    except ValueError as error:
        raise AddressRefused from error


def _is_local(host: str) -> bool:
    """Whether it is a name inside, without looking it up: the answer would tell what there is."""
    if ":" in host:
        return False
    labels = host.rstrip(".").split(".")
    return labels[-1] in {"localhost", "local", "internal"} or (len(labels) == 1 and not labels[0][:1].isdigit())

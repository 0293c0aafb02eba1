"""The services behind the gateway: where each of their processes listens, and which one is asked next."""

import asyncio
import ssl
import time
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from gateway.errors import UpstreamError, UpstreamTimeout, UpstreamUnreachable
from gateway.service_connection import ServiceConnection

# Shorter than the 75 s after which the services close an idle connection, so that few requests meet a closing one.
_KEPT_ALIVE = 60.0
_MOST_IDLE = 128
_SHORTEST_BAN, _LONGEST_BAN = 0.5, 15.0


class Address:
    """One process of a service, and the connections to it."""

    def __init__(self, origin: str, connect_seconds: float) -> None:
        parts = urlsplit(origin)
        assert parts.hostname is not None
        self.origin = origin
        self.authority = parts.netloc
        self._host = parts.hostname
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._connect_seconds = connect_seconds
        self._idle: list[ServiceConnection] = []
        self._busy: set[ServiceConnection] = set()
        self._connecting = 0
        self._failures = 0
        self._banned_until = 0.0

    @property
    def outstanding(self) -> int:
        return len(self._busy) + self._connecting

    def is_banned(self, now: float) -> bool:
        """It has just refused a connection, or failed its examination."""
        return now < self._banned_until

    @property
    def is_spared(self) -> bool:
        return self._failures > 0

    def ban(self) -> None:
        """For longer each time, until it is well again."""
        span = min(_LONGEST_BAN, _SHORTEST_BAN * 2 ** min(self._failures, 10))
        self._failures += 1
        self._banned_until = asyncio.get_running_loop().time() + span

    def is_well(self) -> None:
        self._failures = 0
        self._banned_until = 0.0

    def take_idle(self) -> ServiceConnection | None:
        while self._idle:
            connection = self._idle.pop()
            if not connection.transport.is_closing():
                self._busy.add(connection)
                return connection
        return None

    async def connect(self) -> ServiceConnection:
        """Raises UpstreamUnreachable or UpstreamTimeout."""
        loop = asyncio.get_running_loop()
        self._connecting += 1
        try:
            async with asyncio.timeout(self._connect_seconds):
                _, connection = await loop.create_connection(
                    lambda: ServiceConnection(self), self._host, self._port, ssl=self._tls
                )
        except TimeoutError as error:
            self.ban()
            raise UpstreamTimeout from error
        except OSError as error:
            self.ban()
            raise UpstreamUnreachable from error
        finally:
            self._connecting -= 1
        self._busy.add(connection)
        return connection

    def give_back(self, connection: ServiceConnection) -> None:
        self._busy.discard(connection)
        if len(self._idle) >= _MOST_IDLE:  # some requests want a new one, and the old ones would pile up
            connection.transport.close()
            return
        connection.idle_since = time.monotonic()  # what the loop's clock is, for less
        self._idle.append(connection)

    def let_go(self, connection: ServiceConnection) -> None:
        self._busy.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)

    def close_idle(self, now: float) -> None:
        """Those that the service is about to close itself."""
        for connection in self._idle[:]:
            if now - connection.idle_since > _KEPT_ALIVE:
                self._idle.remove(connection)
                connection.transport.close()

    def close(self) -> None:
        for connection in (*self._idle, *self._busy):
            connection.transport.abort()
        self._idle.clear()


class Upstream:
    """One service, by the name people know it under. `origins` are `http://host:port`."""

    def __init__(self, name: str, origins: Iterable[str], *, connect_seconds: float = 5) -> None:
        self.name = name
        self.addresses: Sequence[Address] = [Address(origin, connect_seconds) for origin in origins]

    def choose(self, tried: Sequence[Address] = ()) -> Address | None:
        """The least busy one that has not been tried; one that is banned only if there is no other."""
        if len(self.addresses) == 1:
            return None if tried else self.addresses[0]
        now = asyncio.get_running_loop().time()
        left = [address for address in self.addresses if address not in tried]
        return min(left, key=lambda address: (address.is_banned(now), address.outstanding), default=None)

    async def connect(self, tried: list[Address]) -> ServiceConnection:
        """To any address not in `tried`, one after the other. UpstreamError if none of them takes a connection."""
        problem: UpstreamError = UpstreamUnreachable()
        while (address := self.choose(tried)) is not None:
            tried.append(address)
            try:
                return await address.connect()
            except UpstreamError as error:
                problem = error
        raise problem

    def close_idle(self, now: float) -> None:
        for address in self.addresses:
            address.close_idle(now)

    def close(self) -> None:
        for address in self.addresses:
            address.close()

"""How many requests a second a token, and an address without one, may make; counted here or in Redis or Valkey."""

import asyncio
from typing import TYPE_CHECKING

import structlog
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.aio.storage import RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter as SharedLimiter
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from strongroom.errors import TooManyRequests

if TYPE_CHECKING:
    from gateway.exchange import Exchange

log = structlog.get_logger()

_PATIENCE = 0.25  # seconds for the shared counter; a request is not refused because that is away


class RateLimited(TooManyRequests):
    slug = "rate-limited"
    title = "Too many requests in one second"


class Limit:
    """So many requests a second for each key; 0 for as many as one likes."""

    def __init__(self, name: str, per_second: int) -> None:
        self.name = name
        self.per_second = per_second
        self.item: RateLimitItem = RateLimitItemPerSecond(max(per_second, 1))
        self._policy = f'ratelimit-policy: "{name}";q={per_second};w=1\r\n'

    def lines(self, remaining: int) -> bytes:
        """`RateLimit` fields (draft-ietf-httpapi-ratelimit-headers)."""
        return f'{self._policy}ratelimit: "{self.name}";r={max(remaining, 0)};t=1\r\n'.encode("ascii")


class OwnCounters:
    """In the memory of this process: each replica of the gateway counts for itself."""

    def __init__(self) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def count(self, exchange: "Exchange", limit: Limit, key: str) -> None:
        """Raises RateLimited."""
        allowed = self._limiter.hit(limit.item, limit.name, key)
        _tell(exchange, limit, allowed, self._limiter.get_window_stats(limit.item, limit.name, key).remaining)

    async def aclose(self) -> None:
        """There is nothing to close."""


class SharedCounters:
    """In a Redis or Valkey at `url`, for all replicas together. While it is away nothing is limited."""

    def __init__(self, url: str) -> None:
        scheme, _, rest = url.partition("://")
        secure = "s" if scheme in {"rediss", "valkeys"} else ""
        address = f"redis{secure}://{rest}"
        self._pool = ConnectionPool.from_url(address, socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE)
        storage = RedisStorage(
            f"async+{address}",
            implementation="redispy",
            connection_pool=self._pool,  # type: ignore[arg-type]  # documented, but not in the annotation
        )
        self._limiter = SharedLimiter(storage)
        self._is_away = False

    async def count(self, exchange: "Exchange", limit: Limit, key: str) -> None:
        """Raises RateLimited."""
        try:
            async with asyncio.timeout(_PATIENCE):
                allowed = await self._limiter.hit(limit.item, limit.name, key)
                stats = await self._limiter.get_window_stats(limit.item, limit.name, key)
        except (RedisError, OSError) as error:
            if not self._is_away:
                log.warning("limits.unavailable", cause=type(error).__name__)
            self._is_away = True
            return
        self._is_away = False
        _tell(exchange, limit, allowed, stats.remaining)

    async def aclose(self) -> None:
        await self._pool.disconnect()


def _tell(exchange: "Exchange", limit: Limit, allowed: bool, remaining: int) -> None:
    exchange.extra += limit.lines(remaining)
    if not allowed:
        raise RateLimited(headers={"Retry-After": "1"})

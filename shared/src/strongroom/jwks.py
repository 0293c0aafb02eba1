"""Keeps an issuer's published keys (JWKS, RFC 7517) at hand without letting strangers drive traffic at the issuer."""

import asyncio
import contextlib
import math
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx2
import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm

from strongroom.errors import InvalidToken, KeysUnavailable

_MAX_AGE = re.compile(r"max-age=(\d+)")
_SMALLEST_KEY_BITS = 2048


class JwksCache:
    """RS256 keys by `kid`.

    - Fresh for the response's `max-age` less its `Age` (else `max_age` seconds); after that the old keys serve for a
      minute more while one background fetch renews them, and from then on only if a fetch has just failed: an issuer
      that stays away takes nobody down, and one that has withdrawn a key is believed.
    - One fetch at a time, whoever waits.
    - An unknown `kid` causes a fetch at most every `cooldown` seconds.
    """

    def __init__(
        self,
        url: str,
        http: httpx2.AsyncClient,
        *,
        max_age: float = 300,
        cooldown: float = 10,
        stale: float = 60,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._http = http
        self._max_age = max_age
        self._cooldown = cooldown
        self._stale = stale
        self._clock = clock
        self._keys: dict[str, RSAPublicKey] = {}
        self._fetched_at = -math.inf
        self._fresh_until = -1.0
        self._next_fetch_at = -1.0
        self._fetch: asyncio.Task[None] | None = None

    @property
    def age(self) -> float:
        """Seconds since the keys were fetched; infinite if they never were."""
        return self._clock() - self._fetched_at

    async def holds(self, kid: str) -> bool:
        """Whether the issuer still publishes this key, as far as can be known here."""
        if self._clock() >= self._fresh_until:
            await self._revalidate()
        return kid in self._keys

    def is_fresh(self, kid: str) -> bool:
        """Whether the issuer publishes this key, as far as that is known without asking again."""
        return kid in self._keys and self._clock() < self._fresh_until

    async def _revalidate(self) -> None:
        now = self._clock()
        if self._fetch is None and now < self._next_fetch_at:
            return
        fetch = self._start_fetch()
        if now >= self._fresh_until + self._stale:
            with contextlib.suppress(KeysUnavailable):
                await asyncio.shield(fetch)

    async def key(self, kid: str) -> RSAPublicKey:
        """The key of that id. Raises InvalidToken if there is none, KeysUnavailable if no set was ever fetched."""
        if await self.holds(kid):
            return self._keys[kid]
        if self._fetch is not None or self._clock() >= self._next_fetch_at:
            # Shielded: one impatient client must not cancel the fetch that others wait for.
            with contextlib.suppress(KeysUnavailable):
                await asyncio.shield(self._start_fetch())
        if kid in self._keys:
            return self._keys[kid]
        if not self._keys:
            raise KeysUnavailable
        raise InvalidToken

    def _start_fetch(self) -> asyncio.Task[None]:
        if self._fetch is None:
            self._fetch = asyncio.create_task(self._renew())
            self._fetch.add_done_callback(self._fetched)
        return self._fetch

    def _fetched(self, task: asyncio.Task[None]) -> None:
        self._fetch = None
        # Counted from the end of the fetch, so that a slow issuer is not asked again at once.
        self._next_fetch_at = self._clock() + (self._cooldown if self._keys else min(1.0, self._cooldown))
        if not task.cancelled():
            task.exception()  # marks it as seen: nobody waits for a background renewal

    async def _renew(self) -> None:
        try:
            response = await self._http.get(self._url, headers={"Accept": "application/json"})
            response.raise_for_status()
            keys = _rs256_keys(response.json())
        except (httpx2.HTTPError, ValueError) as error:
            raise KeysUnavailable from error
        if not keys:
            raise KeysUnavailable("The issuer publishes no usable key")
        self._keys = keys
        self._fetched_at = self._clock()
        self._fresh_until = self._clock() + self._age_limit(response.headers)

    def _age_limit(self, headers: Mapping[str, str]) -> float:
        found = _MAX_AGE.search(headers.get("cache-control", ""))
        age = headers.get("age", "0")
        return float(found[1]) - (float(age) if age.isdecimal() else 0) if found else self._max_age


def _rs256_keys(document: Any) -> dict[str, RSAPublicKey]:
    """The usable keys of a JWK set. Keys of other kinds are passed over, as RFC 7517 §5 asks."""
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise ValueError("not a JWK set")  # noqa: TRY004 - a wrong document, not a wrong call
    keys: dict[str, RSAPublicKey] = {}
    for jwk in document["keys"]:
        usable = (
            isinstance(jwk, dict)
            and jwk.get("kty") == "RSA"
            and isinstance(jwk.get("kid"), str)
            and jwk.get("use", "sig") == "sig"
            and jwk.get("alg", "RS256") == "RS256"
        )
        if not usable:
            continue
        try:
            key = RSAAlgorithm.from_jwk(jwk)
        except (jwt.InvalidKeyError, ValueError, TypeError):  # PyJWT lets through what cryptography says of the numbers
            continue
        if isinstance(key, RSAPublicKey) and key.key_size >= _SMALLEST_KEY_BITS:
            keys[jwk["kid"]] = key
    return keys

"""Remembers for a while who has given a link's right password, so that a download in many ranges costs one bcrypt."""

import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

_SECONDS = 300.0
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class _Proof:
    mac: bytes
    until: float


class Proofs:
    """One of each link and address. A wrong password ends it, so guessing beside whom it belongs to gains nothing."""

    def __init__(self, key: bytes, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._key = key
        self._clock = clock
        self._known: dict[tuple[UUID, str], _Proof] = {}

    def hold(self, link_id: UUID, address: str, password: str) -> bool:
        proof = self._known.get((link_id, address))
        if proof is None:
            return False
        if self._clock() < proof.until and hmac.compare_digest(proof.mac, self._mac(link_id, password)):
            return True
        del self._known[link_id, address]
        return False

    def add(self, link_id: UUID, address: str, password: str) -> None:
        while len(self._known) >= _MOST:
            del self._known[next(iter(self._known))]  # the oldest
        self._known[link_id, address] = _Proof(self._mac(link_id, password), self._clock() + _SECONDS)

    def _mac(self, link_id: UUID, password: str) -> bytes:
        return hmac.digest(self._key, link_id.bytes + password.encode(), "sha256")

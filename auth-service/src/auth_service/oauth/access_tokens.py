"""Issues access tokens: JWTs as RFC 9068 profiles them."""

import time
from collections.abc import Callable
from uuid import uuid4

from auth_service.keys.service import KeyRing

AUDIENCE = "strongroom"


class AccessTokens:
    """`lifetime` is in seconds."""

    def __init__(self, keys: KeyRing, *, issuer: str, lifetime: int, clock: Callable[[], float] = time.time) -> None:
        self._keys = keys
        self._issuer = issuer
        self._clock = clock
        self.lifetime = lifetime

    def issue(self, subject: str, *, client_id: str, scope: str, roles: tuple[str, ...], session_id: str) -> str:
        now = int(self._clock())
        claims: dict[str, object] = {
            "iss": self._issuer,
            "sub": subject,
            "aud": AUDIENCE,
            "iat": now,
            "exp": now + self.lifetime,
            "jti": str(uuid4()),
            "client_id": client_id,
            "scope": scope,
            "roles": list(roles),
            "sid": session_id,
        }
        return self._keys.active.sign(claims, typ="at+jwt")

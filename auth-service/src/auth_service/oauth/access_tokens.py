"""Issues access tokens, JWTs as RFC 9068 profiles them, and ID tokens (OpenID Connect Core §2)."""

import math
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

    def issue(
        self,
        subject: str,
        *,
        client_id: str,
        scope: str,
        roles: tuple[str, ...] = (),
        session_id: str | None = None,
        at: float | None = None,
    ) -> str:
        """Without a `session_id` the subject is a program that used its own credentials.

        `at` is when roles and scope were so, in Unix seconds: what is revoked after it voids the token.
        """
        now = self._clock() if at is None else at
        claims: dict[str, object] = {
            "iss": self._issuer,
            "sub": subject,
            "aud": AUDIENCE,
            # To the millisecond (RFC 7519 section 2 allows it): a token issued in the very second after its subject's
            # older ones were revoked must not look like one of them.
            "iat": math.floor(now * 1000) / 1000,
            "exp": int(now) + self.lifetime,
            "jti": str(uuid4()),
            "client_id": client_id,
            "scope": scope,
            "roles": list(roles),
        }
        if session_id is not None:
            claims["sid"] = session_id
        return self._keys.active.sign(claims, typ="at+jwt")

    def issue_id_token(self, client_id: str, claims: dict[str, object]) -> str:
        """`claims` are those about the person and the sign-in, `sub` among them."""
        now = int(self._clock())
        about = {"iss": self._issuer, "aud": client_id, "iat": now, "exp": now + self.lifetime}
        return self._keys.active.sign({**claims, **about}, typ="JWT")

"""Judges access tokens: RS256, RFC 9068 claims, verified offline against the issuer's published keys."""

import json
import time
from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from hashlib import sha256
from json import detect_encoding
from types import TracebackType
from typing import Any, Self

import httpx2
import jwt
from jwt.utils import base64url_decode

from strongroom.certificates import believed
from strongroom.errors import AppError, ExpiredToken, InvalidToken, RevokedToken
from strongroom.jwks import JwksCache
from strongroom.principal import Principal
from strongroom.revocations import RevocationFeed
from strongroom.revoked import Revoked

_LONGEST_TOKEN = 8192
_REQUIRED = ["exp", "iat", "sub", "aud", "iss"]
_TYPES = {"at+jwt", "application/at+jwt"}
_REMEMBERED = 20_000


@dataclass(slots=True)
class Counts:
    """Genuine tokens that `verify` has seen, known (`warm`) or new ones, and why it refused others."""

    warm: int = 0
    cold: int = 0
    refused: Counter[str] = field(default_factory=Counter)


class TokenVerifier:
    """Verifies tokens of one issuer for one audience. Build one for the process's life, and close it at the end.

    A verified token is remembered by its SHA-256 until it expires, so it costs about 80 µs once and 3 µs afterwards.
    The issuer's feed of revocations is followed in the background from `async with` or the first `verify` on.
    """

    def __init__(
        self,
        issuer: str,
        *,
        audience: str = "strongroom",
        jwks_url: str | None = None,
        revocations_url: str | None = None,
        http: httpx2.AsyncClient | None = None,
        leeway: int = 30,
    ) -> None:
        self._issuer = issuer
        self._audience = audience
        self._leeway = leeway
        origin = issuer.rstrip("/")
        jwks_url = jwks_url or f"{origin}/.well-known/jwks.json"
        revocations_url = revocations_url or f"{origin}/auth/revocations"
        self._http = http or httpx2.AsyncClient(
            timeout=httpx2.Timeout(5), follow_redirects=False, verify=believed(jwks_url, revocations_url)
        )
        self.keys = JwksCache(jwks_url, self._http)
        self._revoked = Revoked()
        self.feed = RevocationFeed(revocations_url, self._http, self._revoked)
        self.counts = Counts()
        self._verified: OrderedDict[bytes, tuple[Principal, str]] = OrderedDict()

    async def verify(self, token: str) -> Principal:
        """Raises ExpiredToken, RevokedToken, InvalidToken, or KeysUnavailable while the issuer was never reached."""
        try:
            principal = await self._genuine(token)
            if not self.feed.settled.is_set():
                await self.feed.settle()
            if self._revoked.refuses(principal):
                raise RevokedToken
        except AppError as refusal:
            self.counts.refused[refusal.slug] += 1
            raise
        return principal

    def remembered(self, token: str) -> Principal | None:
        """What `verify` would answer, where that takes no waiting; else None. Raises RevokedToken."""
        known = self._verified.get(sha256(token.encode("utf-8", "surrogatepass")).digest())
        if known is None or not self.feed.settled.is_set():
            return None
        principal, kid = known
        if time.time() >= principal.expires_at + self._leeway or not self.keys.is_fresh(kid):
            return None
        if self._revoked.refuses(principal):
            raise RevokedToken
        return principal

    def still_admits(self, principal: Principal) -> bool:
        """For what lasts longer than a request: the token has neither expired nor been revoked since."""
        return time.time() < principal.expires_at + self._leeway and not self._revoked.refuses(principal)

    async def admits(self, principal: Principal) -> bool:
        """`still_admits`, for what another process may have given out, and this one is just told of what is revoked."""
        if not self.feed.settled.is_set():
            await self.feed.settle()
        return self.still_admits(principal)

    async def _genuine(self, token: str) -> Principal:
        # Padding is no part of a token (RFC 7515 §2), and the decoder would pass over it behind the signature.
        if len(token) > _LONGEST_TOKEN or not token.isascii() or "=" in token:
            raise InvalidToken
        digest = sha256(token.encode()).digest()
        known = self._verified.get(digest)
        if known is not None:
            principal, kid = known
            if time.time() < principal.expires_at + self._leeway and await self.keys.holds(kid):
                self.counts.warm += 1
                return principal
            del self._verified[digest]
        principal, kid = await self._judge(token)
        self._remember(digest, principal, kid)
        self.counts.cold += 1
        return principal

    def _remember(self, digest: bytes, principal: Principal, kid: str) -> None:
        self._verified[digest] = (principal, kid)
        if len(self._verified) > _REMEMBERED:
            self._verified.popitem(last=False)

    async def _judge(self, token: str) -> tuple[Principal, str]:
        header = _header(token)
        kid = header.get("kid")
        # The header only finds the key. `alg` is checked before a key is looked for, so that a token which cannot be
        # valid causes no fetch; the decoder below pins it again.
        if not isinstance(kid, str) or header.get("alg") != "RS256" or "crit" in header or not _is_access_token(header):
            raise InvalidToken
        key = await self.keys.key(kid)
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                audience=self._audience,
                issuer=self._issuer,
                leeway=self._leeway,
                options={"require": _REQUIRED},
            )
        except jwt.ExpiredSignatureError as error:
            raise ExpiredToken from error
        except jwt.InvalidTokenError as error:
            raise InvalidToken from error
        return _principal(claims), kid

    async def aclose(self) -> None:
        await self.feed.aclose()
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        self.feed.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


def _is_access_token(header: dict[str, Any]) -> bool:
    """RFC 9068 §4: an ID token of the same issuer, for one, must not pass as an access token."""
    kind = header.get("typ")
    return isinstance(kind, str) and kind.lower() in _TYPES


def _header(token: str) -> dict[str, Any]:
    """Not verified. The decoder judges all of the token; to have it do so for the header alone would double the cost.

    Raises InvalidToken, also for what is not UTF-8 (RFC 8725 §3.7): the parser of JSON would guess and take UTF-16 and
    UTF-32 too.
    """
    first, _, rest = token.partition(".")
    try:
        parts = base64url_decode(first), base64url_decode(rest.rpartition(".")[0])
        header = json.loads(parts[0]) if all(detect_encoding(part).startswith("utf-8") for part in parts) else None
    except (ValueError, RecursionError) as error:
        raise InvalidToken from error
    if not isinstance(header, dict):
        raise InvalidToken
    return header


def _principal(claims: dict[str, Any]) -> Principal:
    scope = claims.get("scope", "")
    roles = claims.get("roles", [])
    names = [claims.get(claim) for claim in ("client_id", "sid", "jti")]
    if not isinstance(scope, str) or not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise InvalidToken
    if not all(name is None or isinstance(name, str) for name in names):
        raise InvalidToken
    client_id, session_id, token_id = names
    return Principal(
        subject=claims["sub"],
        client_id=client_id,
        session_id=session_id,
        scopes=frozenset(scope.split()),
        roles=frozenset(roles),
        token_id=token_id,
        issued_at=float(claims["iat"]),
        expires_at=int(claims["exp"]),
    )

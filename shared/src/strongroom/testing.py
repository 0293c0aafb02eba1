"""An issuer in memory, for the tests of services that verify Strongroom's tokens: real keys, real signatures."""

import base64
import time
from hashlib import sha256
from typing import Any
from uuid import uuid4

import httpx2
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm


class TestIssuer:
    """Signs tokens that a `TokenVerifier` built with `issuer=…, http=issuer.http()` accepts.

    `fetches` counts how often its key set was asked for; with `reachable = False` every fetch fails.
    """

    __test__ = False  # not a test class, whatever its name looks like to pytest

    def __init__(self, url: str = "http://issuer.test") -> None:
        self.url = url
        self.fetches = 0
        self.reachable = True
        self.private_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        jwk = RSAAlgorithm.to_jwk(self.private_key.public_key(), as_dict=True)
        thumbprint = sha256(f'{{"e":"{jwk["e"]}","kty":"RSA","n":"{jwk["n"]}"}}'.encode()).digest()
        self.kid = base64.urlsafe_b64encode(thumbprint).rstrip(b"=").decode()
        self.keys: list[dict[str, Any]] = [{**jwk, "kid": self.kid, "use": "sig", "alg": "RS256"}]

    def claims(
        self, subject: str | None = None, *, scope: str = "files:read files:write", **more: Any
    ) -> dict[str, Any]:
        """RFC 9068 claims, valid for five minutes; `more` adds or replaces, and a value of None leaves a claim out."""
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": "strongroom",
            "sub": subject or str(uuid4()),
            "client_id": "test",
            "iat": now,
            "exp": now + 300,
            "jti": str(uuid4()),
            "sid": str(uuid4()),
            "scope": scope,
            "roles": ["user"],
            **more,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, subject: str | None = None, *, headers: dict[str, Any] | None = None, **claims: Any) -> str:
        """A signed access token. Arguments as for `claims`."""
        header = {"kid": self.kid, "typ": "at+jwt", **(headers or {})}
        return jwt.encode(self.claims(subject, **claims), self.private_key, algorithm="RS256", headers=header)

    def http(self) -> httpx2.AsyncClient:
        """A client whose every request is answered with this issuer's key set."""
        return httpx2.AsyncClient(transport=httpx2.MockTransport(self._answer))

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.fetches += 1
        if not self.reachable:
            raise httpx2.ConnectError("unreachable", request=request)
        return httpx2.Response(200, json={"keys": self.keys})

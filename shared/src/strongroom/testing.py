"""An issuer in memory, for the tests of services that verify Strongroom's tokens: real keys, real signatures."""

import asyncio
import base64
import time
from collections.abc import Awaitable, Callable, MutableMapping
from hashlib import sha256
from typing import Any
from uuid import uuid4

import httpx2
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

_Message = MutableMapping[str, Any]

_PAGE = 1000


class TestIssuer:
    """Signs tokens that a `TokenVerifier` built with `issuer=…, http=issuer.http()` accepts, and takes them back.

    It is also an ASGI application, for a service that is to fetch keys and revocations from a real address.
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
        self.revocations: list[dict[str, Any]] = []

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

    def revoke(
        self,
        *,
        session: str | None = None,
        subject: str | None = None,
        token: str | None = None,
        revoked_at: float | None = None,
        keep: float = 600,
    ) -> None:
        """Puts a `sid`, a `sub` or a `jti` into the feed; verifiers that follow it refuse those tokens at once."""
        now = time.time() if revoked_at is None else revoked_at
        for kind, revoked in (("session", session), ("subject", subject), ("token", token)):
            if revoked is not None:
                self.revocations.append({"kind": kind, "id": revoked, "revoked_at": now, "expires_at": now + keep})

    def http(self) -> httpx2.AsyncClient:
        """A client whose every request is answered by this issuer."""
        return httpx2.AsyncClient(transport=httpx2.MockTransport(self.answer))

    async def answer(self, request: httpx2.Request) -> httpx2.Response:
        """What an issuer in reach answers. Raises ConnectError if it is not."""
        document: dict[str, Any] = {"keys": self.keys}
        if not request.url.path.endswith("/auth/revocations"):
            self.fetches += 1
        elif self.reachable:
            document = await self._page(int(request.url.params["after"]), float(request.url.params.get("wait", 25)))
        if not self.reachable:
            raise httpx2.ConnectError("unreachable", request=request)
        return httpx2.Response(200, json=document)

    async def _page(self, after: int, wait: float) -> dict[str, Any]:
        start = after if after <= len(self.revocations) else 0
        until = time.monotonic() + wait
        while len(self.revocations) == start == after and self.reachable and time.monotonic() < until:  # noqa: ASYNC110
            # Not woken by an event, which belongs to one loop: an issuer may serve tests that each have their own.
            await asyncio.sleep(0.02)
        items = self.revocations[start : start + _PAGE]
        end = start + len(items)
        return {"items": items, "next": end, "more": end < len(self.revocations), "reset": start < after}

    async def __call__(
        self,
        scope: _Message,
        receive: Callable[[], Awaitable[_Message]],
        send: Callable[[_Message], Awaitable[None]],
    ) -> None:
        if scope["type"] != "http":
            await _live(receive, send)
            return
        url = f"{self.url}{scope['path']}?{scope['query_string'].decode()}"
        answering = asyncio.ensure_future(self.answer(httpx2.Request("GET", url)))
        leaving = asyncio.ensure_future(_departure(receive))
        await asyncio.wait([answering, leaving], return_when=asyncio.FIRST_COMPLETED)
        leaving.cancel()
        if not answering.done():
            answering.cancel()
            return
        status, body = 503, b""
        if answering.exception() is None:
            status, body = answering.result().status_code, answering.result().content
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def _departure(receive: Callable[[], Awaitable[_Message]]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _live(receive: Callable[[], Awaitable[_Message]], send: Callable[[_Message], Awaitable[None]]) -> None:
    """Starting and stopping an issuer in memory takes nothing but saying so."""
    for stage in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{stage}.complete"})

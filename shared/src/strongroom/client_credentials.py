"""Gets access tokens for a program with its own credentials (RFC 6749 §4.4), and no more often than needed."""

import asyncio
import base64
import json
import logging
import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote_plus, urlencode

import httpx2

from strongroom.token_source import TokenUnavailable

log = logging.getLogger(__name__)

_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]{1,8192}=*")  # RFC 6750 §2.1: harmless in a header
_REFUSALS = {"invalid_request", "invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope"}
_LONGEST_ANSWER = 64 * 1024
_PATIENCE = 10.0
_ASSUMED_LIFETIME = 60.0  # where the issuer tells none; a refusal tells it all the same
_LONGEST_LIFETIME = 86_400.0


@dataclass(frozen=True, slots=True)
class _Held:
    """Renewed in the background from one moment on, and not used from the other on."""

    value: str = field(repr=False)
    renewed_from: float
    used_until: float


class _Unusable(Exception):
    """What was answered is no token. Says why, in words of ours."""


class ClientCredentials:
    """A `TokenSource`. Authenticates by `client_secret_basic`; `scope` is what to ask for. Build one for all clients
    of a process that call with the same scope, and close it at the end.

    - A token is renewed a minute before it expires (of a short one, in its last quarter), while it still serves.
    - One request to the issuer at a time, whoever waits; who is cancelled takes it from nobody.
    - After a failure the issuer is left alone for `cooldown` seconds, and whoever asks meanwhile is told at once. A
      token that was refused is given up once in that time: where a new one is refused too, it is not for its age.
    """

    def __init__(
        self,
        token_url: str,
        client_id: str,
        client_secret: str,
        *,
        scope: str | None = None,
        http: httpx2.AsyncClient | None = None,
        cooldown: float = 1.0,
        patience: float = _PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = token_url
        self._authorization = _basic(client_id, client_secret)
        self._form = {"grant_type": "client_credentials"} | ({} if scope is None else {"scope": scope})
        self._http = http or httpx2.AsyncClient(timeout=httpx2.Timeout(patience), follow_redirects=False)
        self._cooldown = cooldown
        self._patience = patience
        self._clock = clock
        self._held: _Held | None = None
        self._fetch: asyncio.Task[_Held | None] | None = None
        self._next_fetch_at = -math.inf
        self._next_discard_at = -math.inf

    async def token(self) -> str:
        """Raises TokenUnavailable."""
        now = self._clock()
        held = self._held
        if held is None or now >= held.used_until:
            return await self._awaited()
        if now >= held.renewed_from and now >= self._next_fetch_at:
            self._start_fetch()
        return held.value

    def discard(self, token: str) -> None:
        now = self._clock()
        if self._held is not None and self._held.value == token and now >= self._next_discard_at:
            self._held = None
            self._next_discard_at = now + self._cooldown

    async def _awaited(self) -> str:
        if self._fetch is None and self._clock() < self._next_fetch_at:
            raise TokenUnavailable
        # Shielded: others wait for the same.
        held = await asyncio.shield(self._start_fetch())
        if held is None:
            raise TokenUnavailable
        return held.value

    def _start_fetch(self) -> asyncio.Task[_Held | None]:
        if self._fetch is None:
            self._fetch = asyncio.create_task(self._renew())
            self._fetch.add_done_callback(self._fetched)
        return self._fetch

    def _fetched(self, _: asyncio.Task[_Held | None]) -> None:
        self._fetch = None

    async def _renew(self) -> _Held | None:
        """None if there was none to be had."""
        asked_at = self._clock()  # it lives from some moment after this one
        try:
            async with asyncio.timeout(self._patience):
                held = _held(await self._ask(), asked_at)
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, _Unusable) as error:
            # Its name alone, but for our own words: what others say may hold what they were sent.
            cause = str(error) if isinstance(error, _Unusable) else type(error).__name__
            log.warning("token.unavailable url=%s cause=%s", self._url, cause)
            self._next_fetch_at = self._clock() + self._cooldown
            return None
        self._held = held
        return held

    async def _ask(self) -> bytes:
        headers = {
            "Authorization": self._authorization,
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        }
        request = self._http.build_request("POST", self._url, headers=headers, content=urlencode(self._form).encode())
        answer = await self._http.send(request, auth=None, follow_redirects=False, stream=True)
        try:
            body = await _read(answer)
        finally:
            await answer.aclose()
        if answer.status_code != httpx2.codes.OK:
            raise _Unusable(f"HTTP {answer.status_code}{_refusal(body)}")
        return body

    async def aclose(self) -> None:
        if self._fetch is not None:
            self._fetch.cancel()
            await asyncio.gather(self._fetch, return_exceptions=True)
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


def _basic(client_id: str, secret: str) -> str:
    """RFC 7617, with both halves form-encoded first (RFC 6749 §2.3.1)."""
    return "Basic " + base64.b64encode(f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()).decode()


async def _read(answer: httpx2.Response) -> bytes:
    """As it came: what is compressed could be of any size."""
    body = b""
    async for chunk in answer.aiter_raw():
        body += chunk
        if len(body) > _LONGEST_ANSWER:
            raise _Unusable("an answer too long")
    return body


def _object(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _Unusable("an answer that is not JSON") from error
    if not isinstance(document, dict):
        raise _Unusable("an answer that is no object")
    return document


def _refusal(body: bytes) -> str:
    """The error code of RFC 6749 §5.2, if it is one of those."""
    try:
        code = _object(body).get("error")
    except _Unusable:
        return ""
    return f" {code}" if isinstance(code, str) and code in _REFUSALS else ""


def _held(body: bytes, now: float) -> _Held:
    """RFC 6749 §5.1."""
    answer = _object(body)
    token, kind, lifetime = (answer.get(name) for name in ("access_token", "token_type", "expires_in"))
    if not isinstance(token, str) or _TOKEN.fullmatch(token) is None:
        raise _Unusable("an answer without a token")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise _Unusable("a token of another type")
    if lifetime is None:
        lifetime = _ASSUMED_LIFETIME
    if isinstance(lifetime, bool) or not isinstance(lifetime, int | float) or not lifetime > 0:
        raise _Unusable("a token that expires at no time")
    seconds = float(min(lifetime, _LONGEST_LIFETIME))
    return _Held(token, now + seconds - min(60, seconds / 4), now + seconds - min(10, seconds / 8))

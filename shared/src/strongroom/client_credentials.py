"""Gets access tokens for a program with its own credentials (RFC 6749 §4.4), and no more often than needed."""

import asyncio
import base64
import logging
import math
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self
from urllib.parse import quote_plus, urlencode

import httpx2

from strongroom.certificates import believed
from strongroom.token_answers import HeldToken, UnusableAnswer, held_token, refusal
from strongroom.token_source import TokenUnavailable

log = logging.getLogger(__name__)

_LONGEST_ANSWER = 64 * 1024
_PATIENCE = 10.0


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
        self._http = http or httpx2.AsyncClient(
            timeout=httpx2.Timeout(patience), follow_redirects=False, verify=believed(token_url)
        )
        self._cooldown = cooldown
        self._patience = patience
        self._clock = clock
        self._held: HeldToken | None = None
        self._fetch: asyncio.Task[HeldToken | None] | None = None
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

    def _start_fetch(self) -> asyncio.Task[HeldToken | None]:
        if self._fetch is None:
            self._fetch = asyncio.create_task(self._renew())
            self._fetch.add_done_callback(self._fetched)
        return self._fetch

    def _fetched(self, task: asyncio.Task[HeldToken | None]) -> None:
        self._fetch = None
        if not task.cancelled():
            task.exception()  # marks it as seen: nobody waits for a background renewal

    async def _renew(self) -> HeldToken | None:
        """None if there was none to be had."""
        asked_at = self._clock()  # it lives from some moment after this one
        try:
            async with asyncio.timeout(self._patience):
                held = held_token(await self._ask(), asked_at)
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, UnusableAnswer) as error:
            # Its name alone, but for our own words: what others say may hold what they were sent.
            cause = str(error) if isinstance(error, UnusableAnswer) else type(error).__name__
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
            raise UnusableAnswer(f"HTTP {answer.status_code}{refusal(body)}")
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
            raise UnusableAnswer("an answer too long")
    return body

"""Calls a service that is protected by Strongroom's tokens, as another service does."""

import asyncio
import math
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType, TracebackType
from typing import Self

import httpx2

from strongroom.certificates import believed
from strongroom.errors import Unavailable
from strongroom.service_call import Body, Origin, Outcome, ServiceCall
from strongroom.spans import Kind, step
from strongroom.token_source import TokenSource

_REFUSED = re.compile(r'error\s*=\s*"?invalid_token"?(?![A-Za-z_])', re.IGNORECASE)
_CONNECT_SECONDS = 5.0
_NONE: Mapping[str, str] = MappingProxyType({})


class ServiceUnreachable(Unavailable):
    """No answer came. Whether anything was done is not known, unless the method is a safe one (RFC 9110 §9.2.1)."""

    slug = "service-unreachable"
    title = "Another service does not answer"


class CallTimedOut(ServiceUnreachable):
    """The deadline passed first."""


class ServiceClient:
    """Calls the service at `base_url` with tokens of `tokens`, or with none where there is no source of them. Build one
    for the process's life, and close it at the end; the tokens' source stays open.

    - The token goes to the origin of `base_url` and nowhere else: no redirect is followed.
    - A call is made `attempts` times at most, with growing pauses or those that the service asks for: one that is
      idempotent (RFC 9110 §9.2.2) after 429, 502, 503, 504 and broken connections; any other only if no connection
      could be made. A body that is a stream is never read twice. 1 is for those who try again by themselves.
    - A token that is refused (401 `invalid_token`, RFC 6750 §3.1) is discarded, and the call made once more.
    - Calls carry the `X-Request-ID` and the trace of the request that is being served (`call_context`).
    """

    def __init__(
        self,
        base_url: str,
        tokens: TokenSource | None,
        *,
        http: httpx2.AsyncClient | None = None,
        attempts: int = 4,
        deadline: float = 30.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._origin = Origin.of(base_url)
        self._tokens = tokens
        # Only connecting has a limit of its own: the rest is what the deadline leaves.
        self._http = http or httpx2.AsyncClient(
            timeout=httpx2.Timeout(None, connect=_CONNECT_SECONDS), follow_redirects=False, verify=believed(base_url)
        )
        self._attempts = attempts
        self._deadline = deadline
        self._sleep = sleep
        self._clock = clock

    async def request(
        self,
        method: str,
        path: str,
        *,
        content: Body = None,
        json: object = None,
        headers: Mapping[str, str] = _NONE,
        deadline: float | None = None,
    ) -> httpx2.Response:
        """The answer, whatever its status, read whole. `path` may have a query; `deadline` is in seconds and holds for
        all of it (`math.inf`: no end). Raises ServiceUnreachable, CallTimedOut, TokenUnavailable, OtherOrigin.
        """
        return await self._in_time(ServiceCall.of(method, self._origin.address(path), headers, content, json), deadline)

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        path: str,
        *,
        content: Body = None,
        json: object = None,
        headers: Mapping[str, str] = _NONE,
        deadline: float | None = None,
    ) -> AsyncIterator[httpx2.Response]:
        """The same, but for the body of the answer, which is still to come: `deadline` holds until then.

        What breaks that off is an httpx2.RequestError: only the caller knows what it is worth to go on.
        """
        call = ServiceCall.of(method, self._origin.address(path), headers, content, json, streamed=True)
        answer = await self._in_time(call, deadline)
        try:
            yield answer
        finally:
            await answer.aclose()

    async def _in_time(self, call: ServiceCall, deadline: float | None) -> httpx2.Response:
        seconds = self._deadline if deadline is None else deadline
        try:
            async with asyncio.timeout(seconds if math.isfinite(seconds) else None):
                return await self._made(call, until=self._clock() + seconds)
        except TimeoutError as error:
            raise CallTimedOut from error

    async def _made(self, call: ServiceCall, *, until: float) -> httpx2.Response:
        attempt = 0
        while True:
            outcome = await self._outcome(call)
            pause = call.pause_after(outcome, attempt)
            attempt += 1
            if pause is None or attempt >= self._attempts or self._clock() + pause >= until:
                break
            if isinstance(outcome, httpx2.Response):
                await outcome.aclose()
            await self._sleep(pause)
        if isinstance(outcome, httpx2.RequestError):
            raise ServiceUnreachable from outcome
        return outcome

    async def _outcome(self, call: ServiceCall) -> Outcome:
        try:
            return await self._authorized(call)
        except httpx2.RequestError as error:
            return error

    async def _authorized(self, call: ServiceCall) -> httpx2.Response:
        if self._tokens is None:
            return await self._send(call, None)
        token = await self._tokens.token()
        answer = await self._send(call, token)
        if not _refuses_token(answer):
            return answer
        self._tokens.discard(token)
        if not call.repeatable:
            return answer
        try:
            other = await self._tokens.token()
        except BaseException:
            await answer.aclose()
            raise
        if other == token:
            return answer
        await answer.aclose()
        return await self._send(call, other)

    async def _send(self, call: ServiceCall, token: str | None) -> httpx2.Response:
        with step(call.method, Kind.CLIENT, call.told()) as span:
            headers = call.with_token(token, span.trace if span is not None else call.trace.child())
            request = self._http.build_request(call.method, call.url, headers=headers, content=call.body)
            answer = await self._http.send(request, auth=None, follow_redirects=False, stream=call.streamed)
            if span is not None:
                span.add({"http.response.status_code": answer.status_code})
            return answer

    async def aclose(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


def _refuses_token(answer: httpx2.Response) -> bool:
    challenges = answer.headers.get("www-authenticate", "")
    return answer.status_code == httpx2.codes.UNAUTHORIZED and _REFUSED.search(challenges) is not None

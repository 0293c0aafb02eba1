"""One call of a service: what is sent, however often."""

import json
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from uuid import uuid4

import httpx2

from strongroom.call_context import current
from strongroom.errors import AppError
from strongroom.retrying import BROKEN, IDEMPOTENT, PASSING, UNSENT, back_off, retry_after
from strongroom.trace_context import Trace

# What is said of the call itself is ours to say.
_OWN = {"authorization", "host", "traceparent", "tracestate", "x-request-id"}

_SLICE = 128 * 1024


class Slices:
    """Bytes that go out a piece at a time, as often as need be: so a slow line is not taken for one that stands still.

    `told` hears how many of them have gone out.
    """

    def __init__(self, content: bytes, told: Callable[[int], None] | None = None) -> None:
        self._content = content
        self._told = told

    def __len__(self) -> int:
        return len(self._content)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        view = memoryview(self._content)
        for start in range(0, len(view), _SLICE):
            yield bytes(view[start : start + _SLICE])
            if self._told is not None:
                self._told(min(start + _SLICE, len(view)))


Body = bytes | Slices | AsyncIterable[bytes] | None
Outcome = httpx2.Response | httpx2.RequestError


class OtherOrigin(AppError):
    """The address is not the service's, so the token is not for it. Nothing was sent."""

    title = "A call was to go to another service than it was meant for"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one service is, and what may be below."""

    base: httpx2.URL

    @classmethod
    def of(cls, base_url: str) -> "Origin":
        url = httpx2.URL(base_url)
        if url.scheme not in {"http", "https"} or not url.host or url.userinfo or url.query or url.fragment:
            raise ValueError("base_url must be http(s)://host[:port][/path]")
        return cls(url)

    def address(self, path: str) -> httpx2.URL:
        """`path` is below the base, or an address in full. Raises OtherOrigin, also for what is no address."""
        try:
            url = httpx2.URL(path)
        except httpx2.InvalidURL as error:
            raise OtherOrigin from error
        if not (url.scheme or url.host or url.userinfo):
            return self.base.copy_with(raw_path=self.base.raw_path.rstrip(b"/") + b"/" + url.raw_path.lstrip(b"/"))
        if url.userinfo or _origin(url) != _origin(self.base):
            raise OtherOrigin
        return url


@dataclass(frozen=True, slots=True)
class ServiceCall:
    method: str
    url: httpx2.URL
    headers: httpx2.Headers
    body: Body = field(repr=False)
    trace: Trace
    streamed: bool = False

    @classmethod
    def of(
        cls,
        method: str,
        url: httpx2.URL,
        headers: Mapping[str, str],
        content: Body,
        document: object,
        *,
        streamed: bool = False,
    ) -> "ServiceCall":
        """On behalf of the current request, or else of itself. A `document` is sent as JSON.

        The body of the answer to one that is `streamed` is not read with its head.
        """
        context = current()
        own = httpx2.Headers({name: value for name, value in headers.items() if name.lower() not in _OWN})
        own["X-Request-ID"] = context.request_id or uuid4().hex
        if document is not None:
            content = json.dumps(document).encode()
            own["Content-Type"] = "application/json"
        if isinstance(content, Slices):
            own["Content-Length"] = str(len(content))
        return cls(method.upper(), url, own, content, context.trace or Trace.started(), streamed)

    @property
    def repeatable(self) -> bool:
        """A stream can be read once."""
        return self.body is None or isinstance(self.body, bytes | Slices)

    def with_token(self, token: str | None, trace: Trace) -> dict[str, str]:
        """The headers of one attempt, each of which is a step of its own in the trace: `trace` is what it tells."""
        own = {**self.headers, **trace.headers()}
        return own if token is None else {**own, "authorization": f"Bearer {token}"}

    def told(self) -> dict[str, str]:
        """Of the call, to whoever reads spans. No path: it may be of somebody."""
        return {"http.request.method": self.method, "server.address": self.url.host}

    def pause_after(self, outcome: Outcome, attempt: int) -> float | None:
        """Seconds until it may be made again; None if it may not. `attempt` counts from 0."""
        if isinstance(outcome, UNSENT):
            return back_off(attempt)
        if self.method not in IDEMPOTENT or not self.repeatable:
            return None
        if isinstance(outcome, httpx2.Response):
            passing = outcome.status_code in PASSING
            return max(back_off(attempt), retry_after(outcome.headers)) if passing else None
        return back_off(attempt) if isinstance(outcome, BROKEN) else None


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    ports = {"http": 80, "https": 443}
    return url.scheme, url.host, url.port or ports.get(url.scheme)

"""One call of a service: what is sent, however often."""

import json
from collections.abc import AsyncIterable, Mapping
from dataclasses import dataclass, field
from uuid import uuid4

import httpx2

from strongroom.call_context import current
from strongroom.errors import AppError
from strongroom.retrying import BROKEN, IDEMPOTENT, PASSING, UNSENT, back_off, retry_after
from strongroom.trace_context import Trace

# What is said of the call itself is ours to say.
_OWN = {"authorization", "host", "traceparent", "tracestate", "x-request-id"}

Body = bytes | AsyncIterable[bytes] | None
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

    @classmethod
    def of(
        cls, method: str, url: httpx2.URL, headers: Mapping[str, str], content: Body, document: object
    ) -> "ServiceCall":
        """On behalf of the current request, or else of itself. A `document` is sent as JSON."""
        context = current()
        own = httpx2.Headers({name: value for name, value in headers.items() if name.lower() not in _OWN})
        own["X-Request-ID"] = context.request_id or uuid4().hex
        if document is not None:
            content = json.dumps(document).encode()
            own["Content-Type"] = "application/json"
        return cls(method.upper(), url, own, content, context.trace or Trace.started())

    @property
    def repeatable(self) -> bool:
        """A stream can be read once."""
        return self.body is None or isinstance(self.body, bytes)

    def with_token(self, token: str, trace: Trace) -> dict[str, str]:
        """The headers of one attempt, each of which is a step of its own in the trace: `trace` is what it tells."""
        return {**self.headers, **trace.headers(), "authorization": f"Bearer {token}"}

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

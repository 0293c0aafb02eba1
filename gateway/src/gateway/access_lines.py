"""Writes one line about each request; at a few microseconds, because every request pays for it."""

import sys
import time
from datetime import UTC, datetime
from json.encoder import encode_basestring_ascii as quoted
from typing import IO, TYPE_CHECKING

from gateway.tracing import trace_told

if TYPE_CHECKING:
    from gateway.exchange import Exchange

_QUIET = {"/livez", "/metrics", "/readyz"}
_MOST_WAITING = 1000


class AccessLines:
    """JSON like that of every other log line. They are written together, at the latest when `flush` is called.

    `trace_id` is told where the client sent a valid `traceparent`, or spans are exported.

    What stands below one of the `secret_below` in a path opens something by itself, so it is not logged.
    """

    def __init__(self, *, secret_below: tuple[str, ...], enabled: bool = True, to: IO[str] | None = None) -> None:
        self._secret_below = secret_below
        self._enabled = enabled
        self._to = to
        self._lines: list[str] = []
        self._second = 0
        self._stamp = ""

    def add(self, exchange: "Exchange", seconds: float) -> None:
        path = exchange.request.path
        if not self._enabled or path in _QUIET:
            return
        for prefix in self._secret_below:
            if path.startswith(prefix):
                path = f"{prefix}*"
        trace = trace_told(exchange.request)
        told = "" if trace is None else f'"trace_id": "{trace.trace_id}", '
        self._lines.append(
            f'{{"method": "{exchange.request.method.decode()}", "path": {quoted(path)}, "status": {exchange.status}, '
            f'"ms": {seconds * 1000:.1f}, "event": "request", "request_id": "{exchange.id.decode()}", '
            f'{told}"client": {quoted(exchange.sender.address)}, "level": "info", "timestamp": "{self._now()}"}}\n'
        )
        if len(self._lines) > _MOST_WAITING:
            self.flush()

    def _now(self) -> str:
        now = time.time()
        second = int(now)
        if second != self._second:
            self._second = second
            self._stamp = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        return f"{self._stamp}.{int((now - second) * 1e6):06d}Z"

    def flush(self) -> None:
        if self._lines:
            lines, self._lines = self._lines, []
            to = self._to or sys.stdout
            to.write("".join(lines))
            to.flush()

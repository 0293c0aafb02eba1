"""Shows metrics on an address of their own, where a process serves no requests or serves them to everybody."""

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from prometheus_client import CollectorRegistry, ProcessCollector, start_http_server
from prometheus_client.registry import Collector


class MetricsServer:
    """`/metrics` at `host:port`, which is not for the outside. None for nowhere."""

    def __init__(self, listen: str | None, collectors: Sequence[Collector] = ()) -> None:
        self._listen = listen
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        for collector in collectors:
            self.registry.register(collector)
        self.port = 0

    def __enter__(self) -> Self:
        if self._listen is not None:
            host, _, port = self._listen.rpartition(":")
            # The library's own server, in a thread of its own: a page a minute is no work for the loop.
            self._server, self._thread = start_http_server(int(port), host.strip("[]"), self.registry)
            self.port = self._server.server_port
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._listen is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()

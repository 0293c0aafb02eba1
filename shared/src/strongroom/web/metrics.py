"""Shows what a service counts, in the form that Prometheus fetches."""

import asyncio
from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from strongroom.web.parts import part
from strongroom.web.traffic import Traffic

router = APIRouter(include_in_schema=False)


class Metrics:
    """Counters are registered in `registry`, of which each application has its own. Provide it to the application.

    What has to be asked for first, in the database say, is asked for by `look`.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.traffic = Traffic()
        self._looks: list[Callable[[], Awaitable[None]]] = []
        ProcessCollector(registry=self.registry)
        self.registry.register(self.traffic)

    def add(self, *collectors: Collector) -> None:
        for collector in collectors:
            self.registry.register(collector)

    def before(self, *looks: Callable[[], Awaitable[None]]) -> None:
        """To be done whenever somebody asks; they see to it themselves that it is not too often, and never raise."""
        self._looks += looks

    async def look(self) -> None:
        await asyncio.gather(*(look() for look in self._looks))


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Names and numbers of the whole service, nobody's data; not for the outside all the same."""
    told = part(request.app, Metrics)
    await told.look()
    encode, media_type = _encoder(request.headers.get("accept", ""))
    return Response(encode(told.registry), headers={"Content-Type": media_type})


def _encoder(accept: str) -> tuple[Callable[[CollectorRegistry], bytes], str]:
    try:
        return choose_encoder(accept)
    except (TypeError, ValueError):  # the library's, at a version that is no number
        return choose_encoder("")

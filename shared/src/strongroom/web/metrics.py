"""Shows what a service counts, in the form that Prometheus fetches."""

from collections.abc import Callable

from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import choose_encoder

from strongroom.web.parts import part

router = APIRouter(include_in_schema=False)


class Metrics:
    """Counters are registered in `registry`, of which each application has its own. Provide it to the application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Names and numbers of the whole service, nobody's data; not for the outside all the same."""
    encode, media_type = _encoder(request.headers.get("accept", ""))
    return Response(encode(part(request.app, Metrics).registry), headers={"Content-Type": media_type})


def _encoder(accept: str) -> tuple[Callable[[CollectorRegistry], bytes], str]:
    try:
        return choose_encoder(accept)
    except (TypeError, ValueError):  # the library's, at a version that is no number
        return choose_encoder("")

"""The documentation of all services together: `/openapi.json`, and `/docs` to read and try it in a browser."""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from importlib.resources import files
from pathlib import Path

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from gateway.errors import UpstreamError
from gateway.inquiries import ask
from gateway.specification import Specification, merged
from gateway.upstreams import Upstream
from strongroom.errors import NotFound, Unavailable
from strongroom.web.problems import render

_SWAGGER = Path(str(files("fastapi_offline"))) / "static"
_ASSETS = {
    "swagger-ui-bundle.js": _SWAGGER,
    "swagger-ui.css": _SWAGGER,
    "favicon.png": _SWAGGER,
    "docs.js": Path(__file__).parent / "assets",
}
# Swagger UI sets style attributes and shows icons that are data: addresses; it runs no inline script.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# Every address is relative, so that the page also works below a path that a proxy in front takes away.
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Strongroom</title>
<link rel="icon" href="docs/assets/favicon.png">
<link rel="stylesheet" href="docs/assets/swagger-ui.css">
</head>
<body>
<div id="documentation"></div>
<script src="docs/assets/swagger-ui-bundle.js"></script>
<script src="docs/assets/docs.js"></script>
</body>
</html>
"""


class Documentation:
    def __init__(self, services: Sequence[Upstream], *, public_url: str) -> None:
        self._services = services
        self._public_url = public_url

    def routes(self) -> list[Route]:
        return [
            Route("/docs", self._page),
            Route("/docs/assets/{name}", self._asset),
            Route("/openapi.json", self._document),
        ]

    async def _page(self, _: Request) -> Response:
        return HTMLResponse(_PAGE, headers={"Content-Security-Policy": _POLICY})

    async def _asset(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _ASSETS:
            return render(NotFound())
        return FileResponse(_ASSETS[name] / name)

    async def _document(self, _: Request) -> Response:
        try:
            specifications = await asyncio.gather(*(_specification(service) for service in self._services))
        except Unavailable as error:
            return render(error)
        named = {service.name: one for service, one in zip(self._services, specifications, strict=True)}
        return JSONResponse(merged(named, title="Strongroom", version="0.1.0", url=self._public_url))


async def _specification(service: Upstream) -> Specification:
    """Unavailable, naming the service, if it does not answer with an OpenAPI document."""
    try:
        answer = await ask(service, "/openapi.json")
        if answer.status == HTTPStatus.OK:
            return Specification.model_validate_json(answer.body)
    except (UpstreamError, ValidationError) as error:
        raise Unavailable(f"The {service.name} service gives no documentation now") from error
    raise Unavailable(f"The {service.name} service gives no documentation now")

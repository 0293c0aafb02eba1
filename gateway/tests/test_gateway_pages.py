import asyncio
import json
import re
from collections.abc import Awaitable, Callable

import httpx2
import pytest
import websockets
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.app import build
from gateway.settings import GatewaySettings

Before = Callable[[ASGIApp], Awaitable[str]]
Gateway = Callable[..., Awaitable[str]]

NOBODY = "http://127.0.0.1:1"


def answering(path: str, content: object, status: int = 200) -> ASGIApp:
    async def service(scope: Scope, receive: Receive, send: Send) -> None:
        found = scope["path"] == path
        await JSONResponse(content if found else None, status if found else 404)(scope, receive, send)

    return service


async def silent(scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


READY = answering("/readyz", {"status": "ok", "checks": {}})


async def test_the_gateway_is_healthy_when_both_services_are(before: Before, http: httpx2.AsyncClient) -> None:
    response = await http.get(f"{await before(READY)}/health")
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "services": {"gateway": "ok", "auth": "ok", "files": "ok"}}


async def test_a_service_that_is_not_ready_is_named(before: Before, http: httpx2.AsyncClient) -> None:
    response = await http.get(f"{await before(answering('/readyz', {'status': 'unavailable'}, 503))}/health")
    assert response.status_code == 503
    assert response.json() == {
        "status": "unavailable",
        "services": {"gateway": "ok", "auth": "not ready (503)", "files": "not ready (503)"},
    }


async def test_a_service_that_is_down_is_named(before: Before, gateway: Gateway, http: httpx2.AsyncClient) -> None:
    ready = await before(READY)  # a gateway forwards /auth only, so this one stands for nothing but an address
    response = await http.get(f"{await gateway(ready, auth_url=NOBODY)}/health")
    assert response.status_code == 503
    assert response.json()["services"] == {"gateway": "ok", "auth": "unreachable", "files": "ok"}


async def test_services_that_keep_silent_are_asked_at_once_and_not_for_long(
    before: Before, http: httpx2.AsyncClient
) -> None:
    origin = await before(silent)
    async with asyncio.timeout(3.5):
        response = await http.get(f"{origin}/health")
    assert response.json()["services"] == {"gateway": "ok", "auth": "timeout", "files": "timeout"}


async def test_the_gateway_lives_without_its_services(gateway: Gateway, http: httpx2.AsyncClient) -> None:
    origin = await gateway(NOBODY)
    assert (await http.get(f"{origin}/livez")).status_code == 200
    assert (await http.get(f"{origin}/readyz")).status_code == 503


@pytest.mark.parametrize("path", ["/nowhere", "/console", "/authors", "/docs/", "/docs/assets/redoc.standalone.js"])
async def test_an_unknown_address_is_a_problem(gateway: Gateway, http: httpx2.AsyncClient, path: str) -> None:
    response = await http.get(f"{await gateway(NOBODY)}{path}")
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-security-policy"].startswith("default-src 'none'")
    assert response.json()["type"] == "urn:problem-type:strongroom:not-found"


async def test_the_wrong_method_is_a_problem(gateway: Gateway, http: httpx2.AsyncClient) -> None:
    response = await http.post(f"{await gateway(NOBODY)}/health")
    assert response.status_code == 405
    assert response.headers["content-type"] == "application/problem+json"


async def test_the_documentation_page_needs_no_inline_script_and_no_other_host(
    gateway: Gateway, http: httpx2.AsyncClient
) -> None:
    origin = await gateway(NOBODY)
    page = await http.get(f"{origin}/docs")
    policy = dict(part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|https?:", page.text)
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(addresses) == 4
    for address in addresses:
        assert not address.startswith("/")
        asset = await http.get(page.url.join(address))
        assert asset.status_code == 200
        assert asset.headers["x-content-type-options"] == "nosniff"
        assert asset.headers["cross-origin-resource-policy"] == "same-origin"
    assert page.headers["cross-origin-opener-policy"] == "same-origin"
    assert "https:" not in (await http.get(f"{origin}/docs/assets/docs.js")).text


@pytest.mark.parametrize("name", ["..%2Fcore.py", "%2e%2e%2fcore.py", "..%2f..%2fapp.py"])
async def test_only_the_pages_own_assets_are_served(gateway: Gateway, http: httpx2.AsyncClient, name: str) -> None:
    assert (await http.get(f"{await gateway(NOBODY)}/docs/assets/{name}")).status_code == 404


async def test_one_document_describes_all_services(before: Before, http: httpx2.AsyncClient) -> None:
    service = answering("/openapi.json", {"openapi": "3.1.0", "info": {}, "paths": {"/files": {"get": {}}}})
    document = (await http.get(f"{await before(service)}/openapi.json")).json()
    assert document["info"]["title"] == "Strongroom"
    assert document["servers"] == [{"url": "https://strongroom.example"}]
    assert document["paths"] == {"/files": {"get": {}}}


async def test_the_document_needs_every_service(before: Before, gateway: Gateway, http: httpx2.AsyncClient) -> None:
    origin = await gateway(await before(answering("/openapi.json", {"paths": {}})), auth_url=NOBODY)
    response = await http.get(f"{origin}/openapi.json")
    assert response.status_code == 503
    assert response.headers["content-type"] == "application/problem+json"
    assert "auth" in response.json()["detail"]


@pytest.mark.parametrize(("content", "status"), [({"paths": {}}, 500), ({"no": "paths"}, 200), ("text", 200)])
async def test_a_document_that_is_none_is_not_shown(
    before: Before, http: httpx2.AsyncClient, content: object, status: int
) -> None:
    response = await http.get(f"{await before(answering('/openapi.json', content, status))}/openapi.json")
    assert response.status_code == 503
    assert json.loads(response.text)["type"] == "urn:problem-type:strongroom:unavailable"


@pytest.mark.parametrize(("path", "status"), [("/files/events", 502), ("/nowhere", 404)])
async def test_a_websocket_is_refused_cleanly(gateway: Gateway, path: str, status: int) -> None:
    origin = await gateway(NOBODY)
    with pytest.raises(websockets.InvalidStatus) as refusal:
        await websockets.connect(f"{origin.replace('http', 'ws')}{path}", proxy=None)
    assert refusal.value.response.status_code == status


async def test_a_page_that_breaks_is_answered_all_the_same(
    serve: Callable[..., Awaitable[str]], http: httpx2.AsyncClient
) -> None:
    values = {"public_url": "https://strongroom.example", "auth_url": NOBODY, "files_url": NOBODY}
    gateway = build(GatewaySettings.model_validate(values))

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise ZeroDivisionError

    gateway.door.pages = broken
    answer = await http.get(f"{await serve(gateway.app, gateway.door.connection)}/livez")
    assert answer.status_code == 500
    assert answer.json()["type"] == "urn:problem-type:strongroom:internal-error"

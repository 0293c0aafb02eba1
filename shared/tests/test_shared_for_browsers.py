"""What browsers may do with the answers of services."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx2
import pytest
from fastapi import APIRouter, FastAPI, Response
from starlette.types import ASGIApp

from strongroom.errors import Conflict
from strongroom.web.app import build_app

router = APIRouter()


@router.get("/data")
async def data() -> dict[str, str]:
    return {"word": "<script>"}


@router.get("/clash")
async def clash() -> None:
    raise Conflict


@router.get("/shown")
async def shown() -> Response:
    return Response("hello", headers={"Content-Security-Policy": "sandbox", "referrer-policy": "origin"})


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    yield


@pytest.fixture
async def origin(serve: Callable[[ASGIApp], Awaitable[str]]) -> str:
    return await serve(build_app("test", lifespan=lifespan, routers=[router], body_limit=100))


@pytest.mark.parametrize("path", ["/data", "/clash", "/nowhere"])
async def test_data_is_neither_guessed_at_nor_framed_nor_loaded(
    origin: str, http: httpx2.AsyncClient, path: str
) -> None:
    headers = (await http.get(f"{origin}{path}")).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["referrer-policy"] == "no-referrer"


async def test_what_an_answer_says_itself_stands(origin: str, http: httpx2.AsyncClient) -> None:
    headers = (await http.get(f"{origin}/shown")).headers
    assert headers.get_list("content-security-policy") == ["sandbox"]
    assert headers.get_list("referrer-policy") == ["origin"]
    assert headers["x-content-type-options"] == "nosniff"

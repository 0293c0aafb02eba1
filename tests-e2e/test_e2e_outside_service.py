"""Another service verifies the tokens with the `strongroom` package."""

from collections.abc import Awaitable, Callable

import httpx2
from app_client import App
from outside_service import create_app
from starlette.types import ASGIApp


async def test_another_service_takes_the_tokens(
    app: App, url: str, serve: Callable[[ASGIApp], Awaitable[str]], http: httpx2.AsyncClient
) -> None:
    whoami = f"{await serve(create_app(url))}/whoami"
    token = app.tokens["access_token"]
    assert (await http.get(whoami)).status_code == 401
    assert (await http.get(whoami, headers={"Authorization": f"Bearer {token[:-4]}AAAA"})).status_code == 401
    answer = await http.get(whoami, headers={"Authorization": f"Bearer {token}"})
    assert answer.json() == {"subject": app.http.get("/auth/profile").json()["id"]}

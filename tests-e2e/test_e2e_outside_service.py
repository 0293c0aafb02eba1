"""Other services verify the tokens, and call with tokens of their own, by the `strongroom` package."""

from collections.abc import Awaitable, Callable

import httpx2
from app_client import App
from outside_service import create_app
from starlette.types import ASGIApp

from strongroom import ClientCredentials, ServiceClient


async def test_another_service_takes_the_tokens(
    app: App, url: str, serve: Callable[[ASGIApp], Awaitable[str]], http: httpx2.AsyncClient
) -> None:
    whoami = f"{await serve(create_app(url))}/whoami"
    token = app.tokens["access_token"]
    assert (await http.get(whoami)).status_code == 401
    assert (await http.get(whoami, headers={"Authorization": f"Bearer {token[:-4]}AAAA"})).status_code == 401
    answer = await http.get(whoami, headers={"Authorization": f"Bearer {token}"})
    assert answer.json() == {"subject": app.http.get("/auth/profile").json()["id"]}


async def test_another_service_calls_in_its_own_name(admin: App, url: str) -> None:
    wanted = {"name": "reports", "scopes": ["files:read", "files:write"]}
    client = admin.http.post("/auth/clients", json=wanted).json()
    credentials = (client["client_id"], client["client_secret"])
    async with (
        ClientCredentials(f"{url}/auth/token", *credentials, scope="files:read files:write") as tokens,
        ServiceClient(url, tokens) as files,
    ):
        made = await files.request("PUT", "/files/raw/report.txt", content=b"all is well")
        assert made.status_code == 201, made.text
        found = await files.request("GET", "/files?prefix=report")
        assert [one["path"] for one in found.json()["items"]] == ["report.txt"]
        # What was taken back is refused, and a new one had at once.
        first = await tokens.token()
        admin.http.post("/auth/revoke", data={"token": first}, auth=credentials)
        async with httpx2.AsyncClient(trust_env=False) as http:
            while (await http.get(f"{url}/files", headers={"Authorization": f"Bearer {first}"})).status_code != 401:
                pass
        assert (await files.request("GET", "/files")).status_code == 200
        assert await tokens.token() != first

"""What a client app does with the auth service."""

import asyncio
from typing import Any

import httpx2

PASSWORD = "tide-lantern-42-orchard"
ADMIN = {"username": "root@example.com", "password": "quarry-violin-77-harbour"}


class AuthClient:
    """What a client app does. Each method returns the answer as it came."""

    def __init__(self, http: httpx2.AsyncClient, origin: str) -> None:
        self.http = http
        self.origin = origin

    async def register(self, email: str = "ada@example.com", password: str = PASSWORD, **more: Any) -> httpx2.Response:
        return await self.http.post(f"{self.origin}/auth/register", json={"email": email, "password": password, **more})

    async def token(self, **form: str) -> httpx2.Response:
        return await self.http.post(f"{self.origin}/auth/token", data=form)

    async def sign_in(
        self, username: str = "ada@example.com", password: str = PASSWORD, **more: str
    ) -> httpx2.Response:
        return await self.token(grant_type="password", username=username, password=password, **more)

    async def get(self, path: str, access_token: str | None = None) -> httpx2.Response:
        return await self.http.get(self.origin + path, headers=_bearer(access_token))

    async def send(self, method: str, path: str, access_token: str | None = None, json: Any = None) -> httpx2.Response:
        return await self.http.request(method, self.origin + path, json=json, headers=_bearer(access_token))

    async def delete(self, path: str, access_token: str | None = None) -> httpx2.Response:
        return await self.http.delete(self.origin + path, headers=_bearer(access_token))

    async def access_token(self, **credentials: str) -> str:
        answer = await self.sign_in(**credentials)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    async def refused_soon(self, access_token: str, path: str = "/auth/profile") -> None:
        """Verifiers hear of a revocation as it happens, not by the next poll; the service's own is one of them."""
        async with asyncio.timeout(8):
            while (answer := await self.get(path, access_token)).status_code != 401:
                pass
        assert answer.json()["type"] == "urn:problem-type:strongroom:revoked-token"


def _bearer(token: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}

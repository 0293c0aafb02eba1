"""What the web console's pages do at the token endpoint, in a browser that keeps one cookie."""

from dataclasses import dataclass, field
from http.cookies import SimpleCookie

import httpx2
from auth_client import PASSWORD, AuthClient

CONSOLE = "strongroom-console"
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class Console:
    """`cookie` is the refresh token's, by whatever name it came; `headers` are what the browser says of itself.

    Without an `http` of its own it sends no other cookies.
    """

    auth: AuthClient
    headers: dict[str, str] = field(default_factory=lambda: dict(SAME_ORIGIN))
    cookie: str | None = None
    http: httpx2.AsyncClient | None = None

    async def token(self, **form: str) -> httpx2.Response:
        sent = {"client_id": CONSOLE, **form}
        cookie = {"Cookie": self.cookie} if self.cookie else {}
        answer = await post(self.auth, {**self.headers, **cookie}, sent, self.http)
        if (told := refresh_cookie(answer)) is not None:
            self.cookie = f"{told['name']}={told['value']}" if told["value"] else None
        return answer

    async def sign_in(self, username: str = "ada@example.com", **more: str) -> httpx2.Response:
        return await self.token(grant_type="password", username=username, password=PASSWORD, **more)

    async def refresh(self, **more: str) -> httpx2.Response:
        return await self.token(grant_type="refresh_token", **more)

    async def signed_in(self) -> str:
        """An access token."""
        answer = await self.sign_in()
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])


async def post(
    auth: AuthClient, headers: dict[str, str], form: dict[str, str], http: httpx2.AsyncClient | None = None
) -> httpx2.Response:
    encoded = {name.encode(): value.encode() for name, value in headers.items()}
    if http is not None:
        return await http.post(f"{auth.origin}/auth/token", data=form, headers=encoded)
    async with httpx2.AsyncClient(timeout=20, trust_env=False, verify=False) as http:
        return await http.post(f"{auth.origin}/auth/token", data=form, headers=encoded)


def refresh_cookie(answer: httpx2.Response) -> dict[str, str] | None:
    """Its name, value and attributes, as they are told; an empty value takes it away."""
    for header in answer.headers.get_list("set-cookie"):
        for name, morsel in SimpleCookie(header).items():
            if name.endswith("strongroom_refresh"):
                told = {key: str(value) for key, value in morsel.items() if value}
                return {"name": name, "value": morsel.value, **told}
    return None

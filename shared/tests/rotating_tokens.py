"""A token endpoint whose refresh tokens are good once, for tests of those who hold one."""

import asyncio
import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

from scripted_server import document
from starlette.requests import Request
from starlette.responses import Response

from strongroom.client import KeptTokens


class RotatingTokens:
    """`access-1` with `refresh-1`, then 2… A spent refresh token ends them all. What is not `open` waits."""

    def __init__(self) -> None:
        self.current = 1
        self.ended = False
        self.refreshes = 0
        self.failures: list[Response] = []
        self.asked = asyncio.Event()
        self.open = asyncio.Event()
        self.open.set()

    async def __call__(self, request: Request) -> Response:
        if request.url.path != "/auth/token":
            return self._served(request)
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        if form["grant_type"] == "password":
            return self._pair()
        self.refreshes += 1
        self.asked.set()
        if self.failures:
            return self.failures.pop(0)
        if self.ended or form["refresh_token"] != f"refresh-{self.current}":
            self.ended = True
            return document({"error": "invalid_grant", "error_description": "No"}, 400)
        self.current += 1
        await self.open.wait()
        return self._pair()

    def _served(self, request: Request) -> Response:
        if request.headers.get("authorization") == f"Bearer access-{self.current}":
            return document({"bytes": 1, "count": 1, "quota": 1})
        return document({}, 401, **{"WWW-Authenticate": 'Bearer error="invalid_token"'})

    def _pair(self) -> Response:
        return document(
            {
                "access_token": f"access-{self.current}",
                "refresh_token": f"refresh-{self.current}",
                "token_type": "bearer",
                "expires_in": 900,
                "scope": "files:read",
            }
        )


def access_token_of(subject: str) -> str:
    head, claims = (urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in ({}, {"sub": subject}))
    return f"{head}.{claims}.x"


def kept(number: int = 1, *, expires_in: float = -1) -> KeptTokens:
    now = datetime.now(UTC)
    return KeptTokens(
        access_token=f"access-{number}",
        refresh_token=f"refresh-{number}",
        issued_at=now - timedelta(seconds=900),
        expires_at=now + timedelta(seconds=expires_in),
    )

"""Answers the auth service's own verifier out of the same process, which so judges tokens like any other."""

import httpx2

from auth_service.keys.service import KeyRing
from auth_service.revocations.schemas import FeedPage
from auth_service.revocations.service import Position, Revocations
from strongroom.errors import AppError


class OwnIssuer(httpx2.AsyncBaseTransport):
    """The key set and the feed of revocations, as their routes would give them."""

    def __init__(self, keys: KeyRing, revocations: Revocations) -> None:
        self._keys = keys
        self._revocations = revocations

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if not request.url.path.endswith("/auth/revocations"):
            # Nothing is saved by keeping what is in memory anyway.
            headers = {"Cache-Control": "max-age=1"}
            return httpx2.Response(200, json=self._keys.jwks(), headers=headers, request=request)
        asked = request.url.params
        position = Position(int(asked["after"]), asked.get("mark"))
        try:
            page = await self._revocations.after(position, float(asked["wait"]))
        except AppError as error:
            return httpx2.Response(error.status, request=request)
        return httpx2.Response(200, content=FeedPage.of(page).model_dump_json(), request=request)

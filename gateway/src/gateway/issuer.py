"""Lets the verifier of tokens reach its issuer as everybody's requests do: whichever of its processes is well."""

import asyncio

import httpx2

from gateway.errors import UpstreamError
from gateway.inquiries import ask
from gateway.upstreams import Upstream


class IssuerTransport(httpx2.AsyncBaseTransport):
    """Whatever host a URL names, the request goes to `upstream`. GET only."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        patience: float | None = request.extensions.get("timeout", {}).get("read")
        try:
            async with asyncio.timeout(patience):
                answer = await ask(self._upstream, request.url.raw_path.decode("ascii"))
        except TimeoutError as error:
            raise httpx2.ReadTimeout("the issuer did not answer in time") from error
        except UpstreamError as error:
            raise httpx2.ConnectError("the issuer cannot be reached") from error
        return httpx2.Response(answer.status, headers=answer.fields, content=answer.body)

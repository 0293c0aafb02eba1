"""Asks a service something on the gateway's own account: a short question with a short answer."""

from gateway.errors import UpstreamFailed
from gateway.upstreams import Upstream

_LONGEST = 8 * 1024 * 1024


async def ask(upstream: Upstream, path: str) -> tuple[int, bytes]:
    """The status and the whole body. UpstreamError if there is no answer, or one that is longer than 8 MiB."""
    body = bytearray()
    async with upstream.request("GET", path.encode("ascii"), [(b"accept", b"application/json")]) as response:
        async for chunk in response.chunks():
            body += chunk
            if len(body) > _LONGEST:
                raise UpstreamFailed
    return response.status, bytes(body)

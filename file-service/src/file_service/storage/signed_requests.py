"""Speaks HTTP to the S3 store on URLs that the `minio` SDK signs, so that bytes move asynchronously.

The SDK itself is synchronous. It signs (no network involved), aiohttp carries.
"""

import socket
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import aiohttp
import yarl
from minio import Minio

from file_service.storage.object_store import ObjectMissing, StoreUnavailable
from file_service.storage.sources import Source
from strongroom.spans import Kind, step

_SIGNED_FOR = timedelta(hours=12)  # a slow client may take long over one PUT
_READ_BUFFER = 32 * 1024
_RECEIVE_BUFFER = 128 * 1024  # of which the kernel makes twice as much
_NOT_FOUND = 404
_PARTIAL = 206
_SUCCESSES = range(200, 300)


@dataclass(frozen=True, slots=True)
class Pool:
    """`connections` at most. Who finds none free waits up to `turn` seconds for one, first come, first served.

    A store that neither says nor takes anything for `silence` seconds is given up. How slow a client is does not count.
    """

    connections: int = 1024
    turn: float = 10
    silence: float = 120


class SignedRequests:
    """One pool of connections to one bucket. Build it inside the running event loop."""

    def __init__(self, signer: Minio, bucket: str, pool: Pool) -> None:
        self._signer = signer
        self._bucket = bucket
        self._silence = pool.silence
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=pool.connections, socket_factory=_socket),
            timeout=aiohttp.ClientTimeout(total=None, connect=pool.turn, sock_connect=5, sock_read=pool.silence),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            read_bufsize=_READ_BUFFER,
            skip_auto_headers=("User-Agent", "Content-Type", "Accept", "Accept-Encoding"),
        )

    @asynccontextmanager
    async def send(
        self,
        method: str,
        key: str,
        *,
        query: Mapping[str, str] | None = None,
        body: AsyncIterable[bytes] | bytes | None = None,
        size: int | None = None,
        span: tuple[int, int] | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """The answer's head; its body is for the caller to read. Raises ObjectMissing for a 404, else StoreUnavailable.

        `size` is the length of a `body` that is a stream. An exception that `body` raises comes out as it is. `span` is
        the first and the last byte wanted of the object; an answer that is not exactly those is StoreUnavailable.

        What was sent on a connection that breaks before the store has said anything is sent once more, unless it is a
        POST, or a byte of a stream was taken: that one is asked for only when the store is ready for it (RFC 9110
        §10.1.1), and cannot be had again.
        """
        url = self._signer.get_presigned_url(
            method, bucket_name=self._bucket, object_name=key, expires=_SIGNED_FOR, extra_query_params=dict(query or {})
        )
        headers = {} if size is None else {"Content-Length": str(size)}
        if span is not None:
            headers["Range"] = f"bytes={span[0]}-{span[1]}"
        source = None if body is None or isinstance(body, bytes) else Source(body, size, patience=self._silence)
        request = self._session.request(
            method,
            yarl.URL(url, encoded=True),
            data=body if source is None else source.chunks(),
            headers=headers,
            expect100=source is not None and size != 0,
            allow_redirects=False,
        )
        try:
            async with AsyncExitStack() as stack:
                # Not the address: it is signed, and so opens the object.
                told = stack.enter_context(step(f"S3 {method}", Kind.CLIENT, {"aws.s3.key": key}))
                if source is None:
                    response = await stack.enter_async_context(request)
                else:
                    async with source.heeded():
                        response = await stack.enter_async_context(request)
                if told is not None:
                    told.add({"http.response.status_code": response.status})
                await _accept(response, key)
                if span is not None and not _is_exactly(response, span):
                    raise StoreUnavailable from OSError(f"{span} of {key}: {response.headers.get('Content-Range')}")
                yield response
        except (aiohttp.ClientError, TimeoutError) as error:
            if source is not None and source.failure is not None:
                # aiohttp wraps what the stream raised; the caller wants to know what really happened.
                raise source.failure from error
            raise StoreUnavailable from error

    async def aclose(self) -> None:
        await self._session.close()


def _socket(address: aiohttp.AddrInfoType) -> socket.socket:
    """With a receive buffer of its own size: the kernel's would grow to many MiB for each client that stalls."""
    family, kind, protocol, _, _ = address
    opened = socket.socket(family, kind, protocol)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
    return opened


async def _accept(response: aiohttp.ClientResponse, key: str) -> None:
    if response.status in _SUCCESSES:
        return
    if response.status == _NOT_FOUND:
        raise ObjectMissing
    answer = (await response.content.read(2000)).decode("utf-8", "replace")
    raise StoreUnavailable from OSError(f"{response.method} {key}: {response.status} {answer}")


def _is_exactly(response: aiohttp.ClientResponse, span: tuple[int, int]) -> bool:
    """Some stores answer with the whole, or with less (RFC 9110 §14.4)."""
    told = response.headers.get("Content-Range", "")
    return response.status == _PARTIAL and told.startswith(f"bytes {span[0]}-{span[1]}/")

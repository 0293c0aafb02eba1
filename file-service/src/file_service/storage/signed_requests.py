"""Speaks HTTP to the S3 store on URLs that the `minio` SDK signs, so that bytes move asynchronously.

The SDK itself is synchronous. It signs (no network involved), aiohttp carries.
"""

from collections.abc import AsyncIterable, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

import aiohttp
import yarl
from minio import Minio

from file_service.storage.object_store import ObjectMissing, StoreUnavailable, WrongSize

_SIGNED_FOR = timedelta(hours=12)  # a slow client may take long over one PUT
_MOST_CONNECTIONS = 1024
_READ_BUFFER = 256 * 1024
_NOT_FOUND = 404
_PARTIAL = 206
_FIRST_ERROR = 400


class SignedRequests:
    """One pool of connections to one bucket. Build it inside the running event loop."""

    def __init__(self, signer: Minio, bucket: str) -> None:
        self._signer = signer
        self._bucket = bucket
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=_MOST_CONNECTIONS),
            timeout=aiohttp.ClientTimeout(total=None, connect=10, sock_connect=5, sock_read=120),
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
        """
        url = self._signer.get_presigned_url(
            method, bucket_name=self._bucket, object_name=key, expires=_SIGNED_FOR, extra_query_params=dict(query or {})
        )
        headers = {} if size is None else {"Content-Length": str(size)}
        if span is not None:
            headers["Range"] = f"bytes={span[0]}-{span[1]}"
        source = _Source(body, size) if body is not None and not isinstance(body, bytes) else None
        try:
            async with self._session.request(
                method,
                yarl.URL(url, encoded=True),
                data=source.chunks() if source else body,
                headers=headers,
                allow_redirects=False,
            ) as response:
                await _accept(response, key)
                if span is not None and response.status != _PARTIAL:
                    raise StoreUnavailable("The store does not know ranges")
                yield response
        except (aiohttp.ClientError, TimeoutError) as error:
            if source is not None and source.failure is not None:
                # aiohttp wraps what the stream raised; the caller wants to know what really happened.
                raise source.failure from error
            raise StoreUnavailable from error

    async def aclose(self) -> None:
        await self._session.close()


class _Source:
    """Remembers why a request body ended early, and sees to it that it has the announced size.

    aiohttp would wait for ever for the answer to a body that is too short, and cut one that is too long.
    """

    def __init__(self, body: AsyncIterable[bytes], size: int | None) -> None:
        self._body = body
        self._size = size
        self.failure: BaseException | None = None

    async def chunks(self) -> AsyncIterator[bytes]:
        left = self._size or 0
        try:
            async for chunk in self._body:
                left -= len(chunk)
                self._require(left >= 0)
                yield chunk
            self._require(left == 0)
        except Exception as error:
            self.failure = error
            raise

    def _require(self, fits: bool) -> None:
        if self._size is not None and not fits:
            raise WrongSize


async def _accept(response: aiohttp.ClientResponse, key: str) -> None:
    if response.status < _FIRST_ERROR:
        return
    if response.status == _NOT_FOUND:
        raise ObjectMissing
    answer = (await response.content.read(2000)).decode("utf-8", "replace")
    raise StoreUnavailable from OSError(f"{response.method} {key}: {response.status} {answer}")

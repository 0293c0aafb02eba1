"""Speaks HTTP/1.1 to the services over kept-alive connections; the only module that knows the HTTP client."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from types import TracebackType

import aiohttp
from yarl import URL

from gateway.errors import UpstreamError, UpstreamFailed, UpstreamTimeout, UpstreamUnreachable
from strongroom.errors import BadRequest

# Shorter than the 75 s after which the services close an idle connection, so that few requests meet a closing one.
_KEPT_ALIVE = 60.0
# Reading pauses at twice this much unsent data, so it bounds what an exchange holds.
_READ_BUFFER = 64 * 1024
_LONGEST_HEADER = 64 * 1024
_STATUSES = range(200, 600)
# RFC 9110 §5.5. The client library lets them through, and the server would break the client's connection over them.
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
# What the client library repeats by itself when a kept-alive connection turns out to be dead. It would repeat PUT and
# DELETE too, but a service may have carried one of those out.
_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS"})


class UpstreamResponse:
    """The head of a service's answer, and its body as it comes. `headers` keeps order, case and duplicates."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.status = response.status
        self.headers: Sequence[tuple[bytes, bytes]] = response.raw_headers
        self._content = response.content

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body, undecoded, in pieces of a few hundred KiB at most. UpstreamError if it breaks off."""
        try:
            while chunk := await self._content.readany():
                yield chunk
        except (aiohttp.ClientError, OSError) as error:
            raise _outcome(error) from error


class Connections:
    """The pool that all upstreams share, open inside `async with`.

    There is no limit to the whole time of an exchange, since a large file takes long; only to connecting, and to a
    service's silence.
    """

    session: aiohttp.ClientSession

    def __init__(self, *, connect_seconds: float, idle_seconds: float) -> None:
        self._timeout = aiohttp.ClientTimeout(
            total=None, connect=connect_seconds, sock_connect=connect_seconds, sock_read=idle_seconds
        )

    async def __aenter__(self) -> None:
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEPT_ALIVE),
            timeout=self._timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            trust_env=False,
            raise_for_status=False,
            read_bufsize=_READ_BUFFER,
            max_line_size=_LONGEST_HEADER,
            max_field_size=_LONGEST_HEADER,
        )

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.session.close()


class Upstream:
    """One service, by the name people know it under. `origin` is `http://host:port`."""

    def __init__(self, name: str, origin: str, connections: Connections) -> None:
        self.name = name
        self._origin = origin
        self._connections = connections

    @asynccontextmanager
    async def request(
        self,
        method: str,
        raw_target: bytes,
        headers: Sequence[tuple[bytes, bytes]],
        body: AsyncIterator[bytes] | None = None,
    ) -> AsyncIterator[UpstreamResponse]:
        """Sends the request and waits for the head of the answer; leaving closes what is not over by then.

        `raw_target` begins with a slash and goes out byte for byte. A body goes out with the Content-Length among
        `headers`, or chunked if there is none, and is pulled as the service takes it, also while the answer is
        already coming; it is pulled no more after leaving. GET, HEAD and OPTIONS without a body are repeated once if
        a kept-alive connection breaks before the answer. Raises UpstreamError, or BadRequest for headers that
        cannot be sent.
        """
        try:
            response = await self._connections.session.request(
                method,
                URL(self._origin + raw_target.decode("ascii"), encoded=True),
                headers=[(name.decode(), value.decode()) for name, value in headers],
                data=body and _head_at_once(body),
                allow_redirects=False,
                middlewares=() if method in _REPEATABLE else (_never_repeated,),
            )
        except ValueError as error:
            raise BadRequest("The target or a header field cannot be passed on") from error
        except (aiohttp.ClientError, OSError) as error:
            raise _outcome(error) from error
        try:
            if response.status not in _STATUSES or any(_CONTROL.search(value) for _, value in response.raw_headers):
                raise UpstreamFailed
            yield UpstreamResponse(response)
        finally:
            response.close()


async def _head_at_once(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The client library keeps the head back until the first piece; a service may want to refuse on the head alone."""
    yield b""
    async for chunk in body:
        yield chunk


async def _never_repeated(request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    try:
        return await send(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise aiohttp.ClientConnectionError(str(error)) from error


def _outcome(error: Exception) -> UpstreamError:
    match error:
        case TimeoutError():
            return UpstreamTimeout()
        case aiohttp.ClientConnectorError():
            return UpstreamUnreachable()
        case _:
            return UpstreamFailed()

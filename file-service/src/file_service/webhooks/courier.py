"""Takes a message to where it is to go, and tells how that went."""

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import httpx2

from file_service.webhooks.addresses import Address, Destinations, NameUnknown
from file_service.webhooks.errors import AddressRefused, UrlRefused
from file_service.webhooks.targets import Target, parse

_SECONDS = 15.0  # for all of it, from the look-up to the end of the answer
_CONNECT_SECONDS = 5.0  # for each address
_MOST_ADDRESSES = 3
_MOST_READ = 64 * 1024
_ALWAYS = {"User-Agent": "Strongroom/0.1", "Content-Type": "application/json", "Accept": "*/*", "Connection": "close"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """`error` is a slug, None for success; `status` is None where there was no answer."""

    error: str | None
    status: int | None = None
    retry_after: str | None = None


class Courier:
    """Works inside `async with`.

    Neither redirects are followed, nor cookies kept, nor proxies of the environment used; and no connection, which
    would be one to an address that was looked at some time ago.
    """

    def __init__(
        self, destinations: Destinations, *, tls: ssl.SSLContext | None = None, seconds: float = _SECONDS
    ) -> None:
        self._destinations = destinations
        self._seconds = seconds
        self._transport = httpx2.AsyncHTTPTransport(
            verify=tls or httpx2.create_ssl_context(),
            trust_env=False,
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=0),
        )

    async def __aenter__(self) -> Self:
        await self._transport.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.__aexit__(kind, error, trace)

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Never raises because of the receiver. Its answer is thrown away: it may be anything, and of anybody.

        Raises ResolverBusy, which is our own trouble.
        """
        try:
            async with asyncio.timeout(self._seconds):
                target = parse(url)
                addresses = await self._destinations.addresses(target.host)
                return await self._post_to_first(target, addresses[:_MOST_ADDRESSES], headers, body)
        except (TimeoutError, httpx2.TimeoutException):
            return Outcome("timeout")
        except (UrlRefused, AddressRefused) as refusal:
            return Outcome(refusal.slug)
        except NameUnknown:
            return Outcome("name-unknown")
        except httpx2.ConnectError as error:
            return Outcome("tls-failed" if _is_of_tls(error) else "unreachable")
        except httpx2.TransportError:
            return Outcome("broken-off")

    async def _post_to_first(
        self, target: Target, addresses: Sequence[Address], headers: Mapping[str, str], body: bytes
    ) -> Outcome:
        """To the first one that can be connected to."""
        for address in addresses[:-1]:
            try:
                return await self._post(target, address, headers, body)
            except httpx2.ConnectTimeout:
                continue
            except httpx2.ConnectError as error:
                if _is_of_tls(error):
                    raise
        return await self._post(target, addresses[-1], headers, body)

    async def _post(self, target: Target, address: Address, headers: Mapping[str, str], body: bytes) -> Outcome:
        """The address is where it goes; the name is what the receiver is asked for, and has a certificate for."""
        request = httpx2.Request(
            "POST",
            target.url.copy_with(host=str(address)),
            headers={"Host": target.url.netloc.decode("ascii"), **_ALWAYS, **headers},
            content=body,
            extensions={
                "timeout": httpx2.Timeout(self._seconds, connect=_CONNECT_SECONDS).as_dict(),
                "sni_hostname": target.host.rstrip("."),
            },
        )
        response = await self._transport.handle_async_request(request)
        try:
            await _drain(response)
        finally:
            await response.aclose()
        return _outcome(response)


async def _drain(response: httpx2.Response) -> None:
    """Enough of the answer for the receiver not to notice that nobody is interested in it."""
    read = 0
    async for chunk in response.aiter_raw():
        read += len(chunk)
        if read >= _MOST_READ:
            return


def _outcome(response: httpx2.Response) -> Outcome:
    if response.is_success:
        return Outcome(None, response.status_code)
    error = "redirected" if response.is_redirect else "refused"
    return Outcome(error, response.status_code, response.headers.get("retry-after"))


def _is_of_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False

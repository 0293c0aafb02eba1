"""Asks Strongroom, and makes of each answer what it says or the error that it is."""

import ssl
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from types import MappingProxyType
from typing import TypedDict, TypeVar, Unpack
from urllib.parse import urlencode

import httpx2
from pydantic import TypeAdapter, ValidationError

from strongroom.certificates import believed
from strongroom.client.errors import Refused, UnexpectedAnswer, UnusableProxy
from strongroom.client.perseverance import PATIENCE, Perseverance
from strongroom.client.refusals import refusal
from strongroom.client.translation import translated
from strongroom.client.wire import Wire
from strongroom.service_call import Body
from strongroom.service_client import ServiceClient
from strongroom.token_source import TokenSource

Model = TypeVar("Model", bound=Wire)
Parameter = str | int | bool | None | Sequence[str]
Query = Mapping[str, Parameter]
Headers = Mapping[str, str]

# A connection on which nothing moves for so long is broken, however large the transfer is.
_IDLE_SECONDS = 60.0
_CONNECT_SECONDS = 5.0
_LONGEST_REFUSAL = 64 * 1024
_PAGE = 200
_NOTHING: Query = MappingProxyType({})
_PLAIN: Headers = MappingProxyType({})


class Call(TypedDict, total=False):
    """What a call may have beside its method and path. `json` or `content`; `deadline` is in seconds."""

    json: object
    content: Body
    headers: Headers
    deadline: float | None


class _Page(Wire):
    items: Sequence[object]
    next_cursor: str | None = None


class Connection:
    """One `ServiceClient` with the tokens, one without, over the same connections. All raise StrongroomError."""

    def __init__(
        self,
        url: str,
        tokens: TokenSource | None,
        http: httpx2.AsyncClient,
        *,
        deadline: float,
        patience: float = PATIENCE,
    ) -> None:
        self.url = url
        self._patience = patience
        self._http = http
        self._anonymous = ServiceClient(url, None, http=http, deadline=deadline)
        self._own = ServiceClient(url, tokens, http=http, deadline=deadline)

    async def ask(
        self,
        kind: type[Model],
        method: str,
        path: str,
        *,
        query: Query = _NOTHING,
        anonymous: bool = False,
        **call: Unpack[Call],
    ) -> Model:
        return parsed(kind, await self.tell(method, path, query=query, anonymous=anonymous, **call))

    async def ask_all(
        self, kind: type[Model], path: str, method: str = "GET", *, json: object = None
    ) -> Sequence[Model]:
        """Of a list that comes whole."""
        answer = await self.tell(method, path, json=json)
        with _understood(answer):
            return TypeAdapter(list[kind]).validate_json(answer.content)  # type: ignore[valid-type]

    async def pages(self, kind: type[Model], path: str, query: Query = _NOTHING) -> AsyncIterator[Model]:
        """All items of a list that comes in pages (`{items, next_cursor}`), which are asked for as they are needed."""
        cursor: str | None = None
        begun: set[str] = set()
        while True:
            answer = await self.tell("GET", path, query={"limit": _PAGE, **query, "cursor": cursor})
            page = parsed(_Page, answer)
            with _understood(answer):
                items = [kind.model_validate(item) for item in page.items]
            for item in items:
                yield item
            if page.next_cursor is None:
                return
            cursor = page.next_cursor
            if cursor in begun:
                raise UnexpectedAnswer("A list that goes in circles", answer.status_code)
            begun.add(cursor)

    async def tell(
        self, method: str, path: str, *, query: Query = _NOTHING, anonymous: bool = False, **call: Unpack[Call]
    ) -> httpx2.Response:
        """The answer, read whole, if it is a success."""
        client = self._anonymous if anonymous else self._own
        with translated():
            answer = await client.request(method, path + encoded(query), **call)
        if not answer.is_success:
            raise _failure(answer, answer.content)
        return answer

    @asynccontextmanager
    async def opened(
        self, method: str, path: str, *, query: Query = _NOTHING, **call: Unpack[Call]
    ) -> AsyncIterator[httpx2.Response]:
        """A successful answer whose body is still to come: read it with `chunks`."""
        call["headers"] = {**call.get("headers", {}), "Accept-Encoding": "identity"}
        with translated():
            async with self._own.stream(method, path + encoded(query), **call) as answer:
                if not answer.is_success:
                    raise _failure(answer, await _beginning(answer))
                if answer.headers.get("content-encoding", "identity") != "identity":
                    raise UnexpectedAnswer("Bytes in a coding that was not asked for", answer.status_code)
                yield answer

    @property
    def origin(self) -> str:
        """RFC 6454 §6.2."""
        url = httpx2.URL(self.url)
        return f"{url.scheme}://{url.netloc.decode()}"

    def perseverance(self) -> Perseverance:
        return Perseverance(patience=self._patience)

    async def aclose(self) -> None:
        await self._http.aclose()


def http_client(url: str, verify: ssl.SSLContext | bool) -> httpx2.AsyncClient:
    """Patient with what moves. Raises UnusableProxy."""
    timeout = httpx2.Timeout(_IDLE_SECONDS, connect=_CONNECT_SECONDS, pool=None)
    if verify is True:
        verify = believed(url)
    try:
        return httpx2.AsyncClient(timeout=timeout, follow_redirects=False, verify=verify)
    except ImportError as error:
        raise UnusableProxy(
            'A SOCKS proxy is set, as by ALL_PROXY: pip install "httpx2[socks]", or unset it'
        ) from error


async def chunks(answer: httpx2.Response) -> AsyncIterator[bytes]:
    """As they come. Raises Unreachable where they break off."""
    with translated():
        async for chunk in answer.aiter_raw():
            yield chunk


def parsed(kind: type[Model], answer: httpx2.Response) -> Model:
    with _understood(answer):
        return kind.model_validate_json(answer.content)


def encoded(query: Query) -> str:
    """What is None is left out; sequences are repeated."""
    pairs: list[tuple[str, str]] = []
    for name, value in query.items():
        several = [value] if isinstance(value, str | int) else value or ()
        pairs += [(name, str(one).lower() if isinstance(one, bool) else str(one)) for one in several]
    return f"?{urlencode(pairs)}" if pairs else ""


@contextmanager
def _understood(answer: httpx2.Response) -> Iterator[None]:
    try:
        yield
    except (ValidationError, RecursionError) as error:
        raise UnexpectedAnswer("An answer that is not understood", answer.status_code) from error


def _failure(answer: httpx2.Response, body: bytes) -> Refused | UnexpectedAnswer:
    if answer.is_error:
        return refusal(answer, body)
    return UnexpectedAnswer("An answer that is no answer, like a redirect", answer.status_code)


async def _beginning(answer: httpx2.Response) -> bytes:
    body = b""
    async for chunk in answer.aiter_raw():
        body += chunk
        if len(body) > _LONGEST_REFUSAL:
            return b""
    return body

"""Asks a service something on the gateway's own account: a short question with a short answer."""

import asyncio
from typing import NamedTuple

from gateway.errors import UpstreamError, UpstreamFailed
from gateway.messages import AnswerHead, Fields
from gateway.service_connection import ServiceConnection
from gateway.upstreams import Address, Upstream

_LONGEST = 8 * 1024 * 1024


class Answer(NamedTuple):
    """Whole. `fields` have lower-case names."""

    status: int
    body: bytes
    fields: Fields


class _Inquiry:
    """Keeps the answer until it is whole."""

    expects_body = True
    wants_tunnel = False

    def __init__(self) -> None:
        self.answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._head: AnswerHead | None = None
        self._body = bytearray()

    def informed(self, status: int) -> None:
        pass

    def head(self, head: AnswerHead) -> None:
        self._head = head

    def answer_piece(self, data: bytes) -> None:
        self._body += data
        if len(self._body) > _LONGEST:
            self.failed(UpstreamFailed())

    def answered(self) -> None:
        if not self.answer.done():
            assert self._head is not None
            self.answer.set_result(Answer(self._head.status, bytes(self._body), self._head.fields))

    def failed(self, error: UpstreamError) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)

    def service_is_full(self) -> None:
        pass

    def service_can_take(self) -> None:
        pass


async def ask(upstream: Upstream, target: str) -> Answer:
    """UpstreamError if there is no answer, or one that is longer than 8 MiB."""
    return await _asked(await upstream.connect([]), target)


async def ask_at(address: Address, target: str) -> Answer:
    """The same of one process of a service."""
    return await _asked(await address.connect(), target)


async def _asked(connection: ServiceConnection, target: str) -> Answer:
    inquiry = _Inquiry()
    fields = f"host: {connection.address.authority}\r\naccept: application/json\r\nconnection: close\r\n"
    connection.ask(inquiry, f"GET {target} HTTP/1.1\r\n{fields}\r\n".encode("ascii"), is_whole=True)
    try:
        return await inquiry.answer
    except BaseException:
        connection.abandon()
        raise

"""One request of a client and its answer: who may answer it, and what becomes of either side's end."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from random import getrandbits
from typing import TYPE_CHECKING, Any

import structlog

from gateway.answer import Answer
from gateway.errors import RequestTimeout
from gateway.forwarding import Forwarding
from gateway.headers import Sender, may_have_body
from gateway.messages import Request
from gateway.own_answers import OwnAnswer, page, refusal
from gateway.tracing import began
from strongroom.errors import AppError, Unavailable

if TYPE_CHECKING:
    from gateway.client_connection import ClientConnection
    from gateway.door import Door

log = structlog.get_logger()

_CLIENT_CLOSED_REQUEST = 499


class Exchange:
    """`begin` is called when its turn has come; until then, and until somebody takes it, the body waits here."""

    def __init__(self, client: "ClientConnection", request: Request, sender: Sender, request_id: bytes | None) -> None:
        self.request = request
        self.sender = sender
        self.id = request_id or b"%032x" % getrandbits(128)
        self.answer = Answer(client, request, self.id)
        self.status = _CLIENT_CLOSED_REQUEST  # unless something is answered
        self.is_request_over = request.length == 0
        self.is_over = False
        self.is_endless = False  # a tunnel, or a stream of events
        self.service = "gateway"  # who answers
        self.extra: bytes = b""  # lines that the answer gets beside its own
        self.touched_at = 0.0
        self.doom: AppError | None = None  # why it is refused whatever else may be
        self.span = began(request)  # before anybody passes the request on
        self._client = client
        self._door: Door = client.door
        self._started = time.perf_counter()
        self._task: asyncio.Task[None] | None = None
        self.forwarding: Forwarding | None = None
        self._waiting: list[bytes] = []
        self._unsent = 0

    # From the client's connection.

    def begin(self) -> None:
        self.touched_at = self._door.loop.time()
        self.extra = self._door.cors.lines(self.request)
        preflight = self._door.cors.preflight(self.request)
        if preflight is not None:
            self.own(preflight)
            return
        try:
            if self.doom is not None:
                raise self.doom
            self._door.cors.require(self.request)
            verdict = self._door.admission.judged_at_once(self)
        except AppError as error:
            self.refuse(error)
            return
        if verdict:
            self._admitted()
        else:
            self._run(self._judge)

    async def _judge(self) -> None:
        await self._door.admission.judge(self)
        self._admitted()

    def _admitted(self) -> None:
        if self.is_over:
            return
        upstream = self._door.routes.owner(self.request.path)
        if upstream is None:
            self._run(self._page)
            return
        self.service = upstream.name
        try:
            forwarding = self.forwarding = Forwarding(self, upstream)
        except AppError as error:
            self._client.keep_alive = False  # whatever it meant, what follows may mean something else too
            self.refuse(error)
            return
        forwarding.begin()
        if self._waiting:
            self._client.resume()  # before the service can be full of it
            for piece in self._waiting:
                forwarding.piece(piece)
            self._waiting.clear()
        if self.is_request_over:
            forwarding.request_is_over()

    async def _page(self) -> None:
        self.own(await page(self._door.pages, self.request, self.sender))

    def piece(self, data: bytes) -> None:
        """Of the request's body."""
        self.touched_at = self._door.loop.time()
        if self.forwarding is not None:
            self.forwarding.piece(data)
        elif not self.is_over:
            self._waiting.append(data)
            self._client.pause()

    def request_is_over(self) -> None:
        self.is_request_over = True
        if self.forwarding is not None:
            self.forwarding.request_is_over()

    def client_is_gone(self) -> None:
        if self.forwarding is not None:
            self.forwarding.client_is_gone()
        self._finish()

    def client_is_full(self) -> None:
        if self.forwarding is not None:
            self.forwarding.client_is_full()

    def client_can_take(self) -> None:
        if self.forwarding is not None:
            self.forwarding.client_can_take()

    def stopping(self) -> None:
        """The process is to end: what would go on for ever ends now."""
        waits_for_news = self.request.path == self._door.feed and not self.answer.has_begun
        if not (waits_for_news or self.is_endless):
            return
        if self.forwarding is not None:
            self.forwarding.client_is_gone()
        if waits_for_news:
            self.refuse(Unavailable(headers={"Retry-After": "1"}))
        else:
            self.cut_off()

    # The answer.

    def refuse(self, error: AppError) -> None:
        self.own(refusal(error))

    def own(self, answer: OwnAnswer) -> None:
        if self.is_over:
            return
        lines = [b"%b: %b\r\n" % field for field in answer.fields if field[0] != b"content-length"]
        self.start(answer.status, lines, len(answer.body))
        if answer.body and may_have_body(self.request.method, answer.status):
            self.answer_piece(answer.body)
        self.end()

    def start(self, status: int, lines: list[bytes], length: int | None) -> None:
        """`length` of the body, None if it is not known. What a HEAD would have got may be said without being sent."""
        self.status = status
        if not self.is_request_over:
            self._client.keep_alive = False
        self.answer.start(status, [*lines, self.extra, self._door.lines()], length)

    def answer_piece(self, data: bytes) -> None:
        self.touched_at = self._door.loop.time()
        self.answer.piece(data)

    def end(self) -> None:
        if self.is_over:
            return
        self.answer.end()
        self._finish()
        self._client.exchange_is_over(self)

    def cut_off(self) -> None:
        """The client sees that the answer is not whole."""
        if not self.is_over:
            self._finish()
            self._client.close()

    def broken(self, error: AppError) -> None:
        """The rest of the request cannot be had."""
        if self.forwarding is not None:
            self.forwarding.client_is_gone()
        if self.answer.has_begun:
            self.cut_off()
        else:
            self.refuse(error)

    def check(self, now: float) -> None:
        forwarding, door = self.forwarding, self._door
        if forwarding is None:
            return
        if self._client.unsent != self._unsent:
            self._unsent = self._client.unsent
            self.touched_at = now
        silence = now - self.touched_at
        if not forwarding.waits_for_client:
            if silence > door.bounds.service_idle_seconds:
                forwarding.time_out()
        elif silence > (door.bounds.service_idle_seconds if self.answer.has_begun else door.bounds.client_idle_seconds):
            self.broken(RequestTimeout())

    def pause_client(self) -> None:
        self._client.pause()

    def resume_client(self) -> None:
        self._client.resume()

    def _finish(self) -> None:
        if self.is_over:
            return
        self.is_over = True
        self.forwarding = None
        self._waiting.clear()
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()
        self._door.over(self, time.perf_counter() - self._started)

    def _run(self, work: Callable[[], Awaitable[None]]) -> None:
        self._task = self._door.spawn(self._answered_in_any_case(work))

    async def _answered_in_any_case(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except AppError as error:
            self.refuse(error)
        except Exception:  # the outermost handler of what is not forwarded
            log.exception("request.failed")
            self.refuse(AppError())

    def call_later(self, seconds: float, then: Callable[[], None]) -> asyncio.TimerHandle:
        return self._door.loop.call_later(seconds, then)

    def spawn(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        return self._door.spawn(work)

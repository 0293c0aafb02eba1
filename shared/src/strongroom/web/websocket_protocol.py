"""The WebSocket protocol of one connection, with what uvicorn leaves open closed (RFC 6455)."""

import asyncio
from typing import Any, cast

from starlette.types import Message
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import OPEN

from strongroom.web.bounded_transport import BoundedTransport
from strongroom.web.cutting import offer_cut

_REFUSED = "websocket.http.response.body"
_AT_ONCE = 4096  # bytes taken apart before others have their turn; a frame can be of two
_MOST_FRAMES = 1000  # in a second
_POLICY_VIOLATION = 1008
_LINGER = 1.0  # seconds


class StrictWebSocket(WebSocketsSansIOProtocol):
    """For services that only tell: what clients say is dropped, and who says too much is cut off (1008).

    A client that takes nothing can be cut off too. `{"type": "websocket.send", "frames": …}` sends what is encoded
    already: frames that are not masked and belong to whole messages. To be run without compression, which would be one
    of all that went before.
    """

    _bounded: BoundedTransport
    _frames_until = 0.0
    _frame_count = 0
    _says_too_much = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._bounded = BoundedTransport(cast("asyncio.Transport", transport), self.loop)
        self.transport = cast("asyncio.Transport", self._bounded)

    def connection_lost(self, exc: Exception | None) -> None:
        self._bounded.is_gone()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        for start in range(0, len(data), _AT_ONCE):
            if self._says_too_much or self.conn.parser_exc is not None:
                return
            super().data_received(data[start : start + _AT_ONCE])

    def eof_received(self) -> None:
        """Half a connection is none: who says nothing more could not answer a close either (RFC 6455 §7.1.5)."""
        self.transport.close()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._bounded.pause()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._bounded.resume()

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if hasattr(self, "scope"):
            offer_cut(cast("Any", self.scope), self._cut)

    def handle_text(self, event: Any) -> None:
        self._count()

    def handle_bytes(self, event: Any) -> None:
        self._count()

    def handle_cont(self, event: Any) -> None:
        self._count()

    def handle_ping(self) -> None:
        self._count()
        super().handle_ping()

    def handle_pong(self, event: Any) -> None:
        self._count()
        super().handle_pong(event)

    def handle_parser_exception(self) -> None:
        """Reads on for a moment and drops it: closed with something unread, it is reset before the client sees why."""
        closing = self.conn.close_sent
        assert closing is not None
        self.queue.put_nowait({"type": "websocket.disconnect", "code": closing.code, "reason": closing.reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.close_timer = self.loop.call_later(_LINGER, self.transport.close)

    def _count(self) -> None:
        now = self.loop.time()
        if now >= self._frames_until:
            self._frames_until, self._frame_count = now + 1, 0
        self._frame_count += 1
        if self._frame_count > _MOST_FRAMES:
            self._says_too_much = True
            self._bounded.deafen()
            self._cut(_POLICY_VIOLATION, "too-many-frames")

    async def send(self, message: Any) -> None:
        if "frames" in message:
            await self._send_frames(message)
            return
        await super().send(message)
        if message["type"] == _REFUSED and not message.get("more_body"):
            self.handshake_complete = True  # or uvicorn takes it for a failure

    async def _send_frames(self, message: Message) -> None:
        await self.writable.wait()
        if self.disconnected or self.close_sent or self.transport.is_closing():
            raise ClientDisconnected
        self.transport.write(message["frames"])

    def _cut(self, code: int, reason: str) -> None:
        """Never fails. The client is told if it can be, and has ten seconds to see it."""
        self._bounded.abort_soon()
        if self.close_sent or self.disconnected or self.conn.state is not OPEN:
            return
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.stop_keepalive()
        self.close_timer = self.loop.call_later(self.close_timeout, self.transport.close)

"""The WebSocket protocol of one connection, with what uvicorn leaves open closed (RFC 6455)."""

from typing import Any

from starlette.types import Message
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from strongroom.web.cutting import offer_cut

_REFUSED = "websocket.http.response.body"


class StrictWebSocket(WebSocketsSansIOProtocol):
    """A client that takes nothing can be cut off, and one that does not answer a close is not waited for.

    `{"type": "websocket.send", "frames": …}` sends what is encoded already: frames that are not masked and belong to
    whole messages. To be run without compression, which would be one of all that went before.
    """

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if hasattr(self, "scope"):
            offer_cut(self.scope, self._cut)  # type: ignore[arg-type]

    def eof_received(self) -> None:
        """Half a connection is none: who says nothing more could not answer a close either (RFC 6455 §7.1.5)."""
        self.transport.close()

    async def send(self, message: Any) -> None:
        if "frames" in message:
            await self._send_frames(message)
            return
        await super().send(message)
        if message["type"] == "websocket.close" and self.close_timer is not None:
            self.close_timer.cancel()
            self.close_timer = self.loop.call_later(self.close_timeout, self.transport.abort)
        if message["type"] == _REFUSED and not message.get("more_body"):
            self.handshake_complete = True  # or uvicorn takes it for a failure

    async def _send_frames(self, message: Message) -> None:
        await self.writable.wait()
        if self.disconnected or self.close_sent or self.transport.is_closing():
            raise ClientDisconnected
        self.transport.write(message["frames"])

    def _cut(self, code: int, reason: str) -> None:
        if self.close_sent or self.disconnected:
            return
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.stop_keepalive()
        self.close_timer = self.loop.call_later(self.close_timeout, self.transport.abort)

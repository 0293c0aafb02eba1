"""An event as listeners get it: written once, however many they are."""

from functools import cached_property

from pydantic_core import to_json

from file_service.events.repository import Event

_TEXT_FRAME = 0x81  # the last one, and so the only one, of a message (RFC 6455 §5.2)


class Told:
    def __init__(self, event: Event) -> None:
        self.event = event
        self.size = len(event.data)  # about as much as will be sent

    @cached_property
    def message(self) -> bytes:
        """`{id, type, time, data}` as JSON."""
        event = self.event
        head = {"id": str(event.number), "type": event.type, "time": event.occurred_at}
        return b'%b,"data":%b}' % (to_json(head)[:-1], event.data.encode())

    @cached_property
    def frame(self) -> bytes:
        """Of a WebSocket; servers do not mask, so all clients get the same bytes."""
        size = len(self.message)
        if size < 126:
            return bytes((_TEXT_FRAME, size)) + self.message
        if size < 1 << 16:
            return bytes((_TEXT_FRAME, 126)) + size.to_bytes(2) + self.message
        return bytes((_TEXT_FRAME, 127)) + size.to_bytes(8) + self.message

    @cached_property
    def block(self) -> bytes:
        """Of a `text/event-stream` (HTML standard §9.2). There is no line break in JSON as it is written here."""
        return b"id: %d\nevent: %b\ndata: %b\n\n" % (self.event.number, self.event.type.encode(), self.message)

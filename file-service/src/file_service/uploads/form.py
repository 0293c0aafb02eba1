"""Reads multipart/form-data (RFC 7578) part by part while it arrives, holding no more of it than one network read."""

from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from file_service.uploads.errors import FormTooLarge, MalformedForm, NotAForm

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

_MOST_FIELDS = 100
_LONGEST_FIELD = 64 * 1024


class _End:
    """Marks where a part ends among its pieces."""


_END = _End()


@dataclass(frozen=True, slots=True)
class PartHead:
    """What a part says of itself. `filename` is None for a plain field; `content_type` is as sent, unchecked."""

    name: str
    filename: str | None
    content_type: str | None


class MultipartForm:
    """Walk it with `next_part`; of each part, read `pieces` or `text` before going on, or what is left is skipped."""

    def __init__(self, content_type: str, body: AsyncIterator[bytes]) -> None:
        """`content_type` is the request's header. Raises NotAForm, MalformedForm."""
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data":
            raise NotAForm
        boundary = options.get(b"boundary")
        if not boundary:
            raise MalformedForm("The Content-Type names no boundary")
        self._body = body
        self._events: deque[PartHead | bytes | _End] = deque()
        self._complete = False
        self._in_part = False
        self._fields = 0
        try:
            self._parser = MultipartParser(boundary, _Callbacks(self._events, self._end_form).table())
        except FormParserError as error:
            raise MalformedForm from error

    async def next_part(self) -> PartHead | None:
        """None after the last one. Raises MalformedForm, FormTooLarge, and what the body itself raises."""
        while self._in_part:
            await self._piece()
        event = await self._event()
        if event is None:
            return None
        assert isinstance(event, PartHead)
        self._in_part = True
        if event.filename is None:
            self._fields += 1
            if self._fields > _MOST_FIELDS:
                raise FormTooLarge(f"At most {_MOST_FIELDS} fields")
        return event

    async def pieces(self) -> AsyncIterator[bytes]:
        """The current part's bytes as they arrive."""
        while (piece := await self._piece()) is not None:
            yield piece

    async def text(self) -> str:
        """The current part's bytes as UTF-8, at most 64 KiB."""
        value = bytearray()
        async for piece in self.pieces():
            value += piece
            if len(value) > _LONGEST_FIELD:
                raise FormTooLarge(f"A field has at most {_LONGEST_FIELD} bytes")
        return _decoded(bytes(value))

    async def _piece(self) -> bytes | None:
        if not self._in_part:
            return None
        event = await self._event()
        if isinstance(event, bytes):
            return event
        self._in_part = False
        return None

    async def _event(self) -> PartHead | bytes | _End | None:
        while not self._events:
            if self._complete:
                return None
            await self._read()
        return self._events.popleft()

    async def _read(self) -> None:
        data = await anext(self._body, None)
        if data is None:
            raise MalformedForm("The form ends before its closing boundary")
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise MalformedForm(str(error)) from error

    def _end_form(self) -> None:
        self._complete = True


class _Callbacks:
    """Turns the parser's calls into events."""

    def __init__(self, events: deque[PartHead | bytes | _End], end_form: Callable[[], None]) -> None:
        self._events = events
        self._end_form = end_form
        self._field = bytearray()
        self._value = bytearray()
        self._headers: dict[bytes, bytes] = {}

    def table(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self._headers.clear,
            "on_header_begin": self._begin_header,
            "on_header_field": self._extend_field,
            "on_header_value": self._extend_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._end_headers,
            "on_part_data": self._data,
            "on_part_end": self._end_part,
            "on_end": self._end_form,
        }

    def _begin_header(self) -> None:
        self._field.clear()
        self._value.clear()

    def _extend_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _extend_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        self._headers[bytes(self._field).lower()] = bytes(self._value)

    def _end_headers(self) -> None:
        disposition, options = parse_options_header(self._headers.get(b"content-disposition"))
        if disposition != b"form-data" or b"name" not in options:
            raise MalformedForm("A part has no Content-Disposition: form-data with a name")
        filename = options.get(b"filename")
        declared = self._headers.get(b"content-type")
        self._events.append(
            PartHead(
                name=_decoded(options[b"name"]),
                filename=None if filename is None else _decoded(filename),
                content_type=None if declared is None else declared.decode("latin-1"),
            )
        )

    def _data(self, data: bytes, start: int, end: int) -> None:
        self._events.append(data[start:end])

    def _end_part(self) -> None:
        self._events.append(_END)


def _decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise MalformedForm("A name or a field is not UTF-8") from error

"""What the head of a request and of an answer say, as far as whoever passes them on must know it (RFC 9112)."""

from dataclasses import dataclass

from strongroom.errors import BadRequest

Fields = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class Request:
    """`fields` have lower-case names. `length` is None for a chunked body, and 0 where there is no body."""

    method: bytes
    target: bytes
    path: str
    fields: Fields
    length: int | None
    is_http11: bool
    keep_alive: bool
    is_websocket: bool

    def field(self, name: bytes) -> bytes | None:
        """The first of that name."""
        for known, value in self.fields:
            if known == name:
                return value
        return None


@dataclass(slots=True)
class AnswerHead:
    """`length` is None where only chunks or the end of the connection tell how long the body is."""

    status: int
    fields: Fields
    length: int | None
    until_close: bool
    keep_alive: bool


def request_length(fields: Fields) -> int | None:
    """Of the body in bytes, None if it is chunked. BadRequest when it can be read in two ways (RFC 9112 §6.3)."""
    lengths = [value for name, value in fields if name == b"content-length"]
    codings = [value for name, value in fields if name == b"transfer-encoding"]
    if not lengths and not codings:
        return 0
    if len(lengths) > 1 or (lengths and codings):
        raise BadRequest("The length of the body is given twice")
    if lengths and not lengths[0].isdigit():
        raise BadRequest("Content-Length is not a number")
    if codings and [coding.strip().lower() for coding in codings] != [b"chunked"]:
        raise BadRequest("The only transfer coding understood is chunked")
    return int(lengths[0]) if lengths else None


def options_of(fields: Fields) -> set[bytes]:
    """What the Connection fields name, in lower case."""
    values = [value for name, value in fields if name == b"connection"]
    return {option.strip().lower() for value in values for option in value.split(b",")} if values else set()

"""What a parser's process says of one file: none of it is believed before it is checked."""

import re
from math import isfinite
from typing import Any

import structlog
from pydantic_core import from_json

from file_service.parsers import passages
from file_service.parsers.contract import Facts
from file_service.sandbox.errors import Unreadable

log = structlog.get_logger()

_NAME = re.compile(r"[a-z0-9.-]{1,100}")
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+(; [a-z0-9=-]+)*")
_MOST_OBJECTS = 1_000
_MOST_PASSAGES = 200_000
_LARGEST_FACTS = 2 * 1024 * 1024  # bytes; 2,000 columns with long names are as much


def broken() -> Unreadable:
    return Unreadable("crashed", "The file broke the program that reads it")


class Testimony:
    """Each method raises Unreadable for what no parser of ours says."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._passages = 0
        self._characters = 0

    def object(self, payload: bytes) -> tuple[str, str]:
        """Its name, which is given once, and its media type."""
        match _json(payload):
            case {"name": str(name), "content_type": str(kind)} if name not in self._names:
                if _NAME.fullmatch(name) and _MEDIA_TYPE.fullmatch(kind) and len(self._names) < _MOST_OBJECTS:
                    self._names.add(name)
                    return name, kind
        raise broken()

    def passage(self, payload: bytes) -> tuple[int, str]:
        """Its page and its text."""
        match _json(payload):
            case {"page": int(page), "text": str(text)} if 0 < page < 2**31 and len(text) <= passages.LONGEST:
                self._passages += 1
                self._characters += len(text)
                if self._passages <= _MOST_PASSAGES and self._characters <= passages.MOST:
                    return page, text
        raise broken()

    def facts(self, payload: bytes) -> Facts:
        facts = _json(payload)
        if not isinstance(facts, dict) or len(payload) > _LARGEST_FACTS:
            raise broken()
        return facts

    def refusal(self, payload: bytes) -> Unreadable:
        match _json(payload):
            case {"reason": str(reason), "detail": str(detail), **more}:
                if "where" in more:
                    log.warning("parser.crashed", error=more.get("error"), where=more["where"])
                return Unreadable(reason[:50], detail[:500])
        raise broken()


def _json(payload: bytes) -> Any:
    try:
        return _storable(from_json(payload, allow_inf_nan=False))
    except ValueError:
        raise broken() from None


def _storable(value: Any) -> Any:
    """No text in PostgreSQL has NUL in it, and no number is without end: raises ValueError."""
    match value:
        case str():
            return value.replace("\0", "")
        case float() if not isfinite(value):
            raise ValueError
        case list():
            return [_storable(one) for one in value]
        case dict():
            return {_storable(name): _storable(one) for name, one in value.items()}
    return value

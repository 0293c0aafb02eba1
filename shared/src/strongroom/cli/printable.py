"""Makes what others have named harmless to a terminal: nothing in it is obeyed, all of it is seen."""

import re

# Controls (C0, C1, DEL), and what reorders, hides or breaks lines: bidirectional marks, separators, tags.
_OBEYED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    """On one line, with `\\x1b` where there is an escape character."""
    return _OBEYED.sub(lambda found: _escaped(found.group()), text)


def visible_in_json(document: str) -> str:
    """The same value as before: within strings JSON has escapes of its own for all of these (RFC 8259 §7)."""
    return _OBEYED.sub(lambda found: _unit(found.group()), document)


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _unit(character: str) -> str:
    return "".join(f"\\u{int.from_bytes(pair):04x}" for pair in _pairs(character.encode("utf-16-be", "surrogatepass")))


def _pairs(encoded: bytes) -> list[bytes]:
    return [encoded[at : at + 2] for at in range(0, len(encoded), 2)]

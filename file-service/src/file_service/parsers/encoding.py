"""Which encoding a text file is in."""

import codecs

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins with the mark of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_EXAMINED = 64 * 1024
_COMMON = "cp1252"


def encoding_of(head: bytes, *, whole: bool) -> str:
    """A codec's name. Unless `head` is the `whole` file, it may end in the middle of a character.

    In this order: what a byte order mark says, UTF-16 where every other byte is null, UTF-8, what the letters suggest.
    """
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    if unmarked := _utf_16(head[:_EXAMINED]):
        return unmarked
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=whole)
    except UnicodeDecodeError as error:
        return _legacy(head[max(0, error.start - _EXAMINED // 2) :][:_EXAMINED])
    return "utf-8"


def _utf_16(head: bytes) -> str | None:
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if odd > half * 0.6 and even < half * 0.1:
        return "utf-16-le"
    if even > half * 0.6 and odd < half * 0.1:
        return "utf-16-be"
    return None


def _legacy(passage: bytes) -> str:
    # It takes a tenth of a second to import, and most files are UTF-8.
    from charset_normalizer import from_bytes

    guess = from_bytes(passage).best()
    if guess is None or guess.encoding in {"ascii", "latin_1", "utf_8", "iso8859_1"}:
        return _COMMON
    return guess.encoding

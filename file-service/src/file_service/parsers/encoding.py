"""In which encoding a text is written: by its mark, by what it can be read as, or by the label that came with it."""

import codecs
from collections import Counter
from typing import Final

_HEAD: Final = 64 * 1024

# UTF-32 first: its little-endian mark begins like UTF-16's.
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LIKELY: Final = (
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "koi8_r",
    "cp932", "euc_jp", "gb18030", "big5", "cp949",
)  # fmt: skip

# What a label means in practice is the larger set: https://encoding.spec.whatwg.org/#names-and-labels
_LABELLED: Final = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "shift_jis": "cp932", "euc_kr": "cp949", "gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs",
    "utf-16": "utf-16-le", "utf-32": "utf-32-le", "utf-16-le": "utf-16-le", "utf-16-be": "utf-16-be", "utf-8": "utf-8",
} | {
    codecs.lookup(same).name: same
    for same in (
        *_LIKELY, "cp1257", "cp1258", "cp874", "cp437", "cp850", "cp852", "cp866", "koi8-r", "koi8-u",
        "mac-roman", "mac-cyrillic", "iso2022_jp", "iso2022_kr", "big5hkscs", "hz", "utf-32-le", "utf-32-be",
        "iso8859-2", "iso8859-3", "iso8859-4", "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-8", "iso8859-10",
        "iso8859-13", "iso8859-14", "iso8859-15", "iso8859-16",
    )
}  # fmt: skip

_MANY_ZEROS: Final = 0.2
_FEWEST_GAPS: Final = 3
_SIGNS: Final = frozenset("\xa0£€¥§°±²³½©®™•…·«»„“”‘’–—".encode("cp1252"))  # noqa: RUF001


def encoding_of(head: bytes, *, whole: bool) -> str:
    """The name of Python's codec for the text that begins with `head`, of which 64 KiB are looked at.

    `whole` where nothing follows; else the last character may be cut in two. UTF-8 where that is possible, and
    Windows-1252 where nothing speaks against it. A codec takes the mark away that it goes by. What follows may still
    be wrong in it, and so may `head`: decode with `errors="replace"`.
    """
    whole = whole and len(head) <= _HEAD
    head = head[:_HEAD]
    return (
        marked_encoding(head) or _unmarked_utf16(head) or _utf8(head, whole) or _symbols(head) or _guessed(head, whole)
    )


def marked_encoding(head: bytes) -> str | None:
    """By the mark that Unicode has for it; None where there is none."""
    return next((codec for mark, codec in _MARKS if head.startswith(mark)), None)


def labelled_encoding(label: str | None) -> str | None:
    """The codec that a label from outside (`charset=…`) means; None if there is none that only reads text.

    Look for a mark first: it is right where they differ. UTF-7 is none, as with browsers, and nothing is that Python
    merely counts as one: rot13, idna, unicode_escape.
    """
    try:
        return _LABELLED.get(codecs.lookup((label or "").strip("\"' \t")[:40]).name)
    except (LookupError, ValueError):
        return None


def _utf8(head: bytes, whole: bool) -> str | None:
    return "utf-8" if _decodes(head, "utf-8", whole) else None


def _unmarked_utf16(head: bytes) -> str | None:
    """By the zeros of ASCII, and where little is ASCII, by its spaces and lines; both are seen in one order only."""
    if 0 not in head:
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    pairs = Counter(head[at : at + 2] for at in range(0, len(head), 2))
    little, big = pairs[b" \0"] + pairs[b"\n\0"], pairs[b"\0 "] + pairs[b"\0\n"]
    many = _MANY_ZEROS * len(head) / 2
    if (odd > many and not even) or (little >= _FEWEST_GAPS and not big):
        return "utf-16-le" if _decodes(head, "utf-16-le", whole=False) else None
    if (even > many and not odd) or (big >= _FEWEST_GAPS and not little):
        return "utf-16-be" if _decodes(head, "utf-16-be", whole=False) else None
    return None


def _symbols(head: bytes) -> str | None:
    """Where above ASCII there are but signs, like £ and “, the guess has nothing to go by."""
    return "cp1252" if set(head) - set(range(128)) <= _SIGNS else None


def _decodes(head: bytes, codec: str, whole: bool) -> bool:
    try:
        codecs.getincrementaldecoder(codec)().decode(head, final=whole)
    except UnicodeDecodeError:
        return False
    return True


def _guessed(head: bytes, whole: bool) -> str:
    from charset_normalizer import from_bytes  # most texts are done without it

    matches = from_bytes(head if whole else _to_a_gap(head), cp_isolation=list(_LIKELY))
    best = matches.best()
    if best is None:
        return "cp1252"
    equals = (match for match in matches if match.chaos <= best.chaos and match.coherence >= best.coherence - 0.1)
    if any("cp1252" in match.could_be_from_charset for match in equals):
        return "cp1252"
    return best.encoding


def _to_a_gap(head: bytes) -> bytes:
    """Up to the last byte that is no half of a character in any encoding: a space, a line's end, a comma."""
    end = max(head.rfind(gap) for gap in (b" ", b"\n", b",", b"\t"))
    return head[: end + 1] or head

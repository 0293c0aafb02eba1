"""The language of a text: what the document says of itself, or what its words look like."""

import lzma
import re
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

SAMPLE: Final = 4_000  # characters that decide
_FEWEST_LETTERS: Final = 40
_SURE: Final = 0.7

_TAG: Final = re.compile(r"([a-z]{2})(?:[-_][a-z0-9]{1,8}){0,4}", re.ASCII | re.IGNORECASE)


def language_of(text: str) -> str | None:
    """ISO 639-1, by the first 4,000 characters; None where there are too few letters, or too little says which."""
    sample = text[:SAMPLE]
    if sum(map(str.isalpha, sample)) < _FEWEST_LETTERS:
        return None
    language, probability = _identifier().classify(sample.encode("utf-8", "replace"))
    return language if probability >= _SURE and len(language) == 2 else None  # "zxx" is no language


def tagged_language(tag: str | None) -> str | None:
    """ISO 639-1, from a language tag as documents have it (RFC 5646, "en_GB" too); None for what is no such tag."""
    match = _TAG.fullmatch((tag or "").strip()[:40])
    return match[1].lower() if match else None


@cache
def _identifier() -> "LanguageIdentifier":
    """Costs half a second and 200 MiB for a moment, once a process, so only where a text does ask for it."""
    import numpy
    from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier

    # Its own way to read the model goes through a file on disk, which a parser may not write.
    with lzma.open(MODEL_DIR / MODEL_FILE) as packed, numpy.load(BytesIO(packed.read())) as model:
        moves, rows = memoryview(model["nextmove"]), memoryview(model["nextmove_row"])
        classes, found = model["classes"].tolist(), model["out_feat"].tolist()
        return LanguageIdentifier(model["ptc"], model["pc"], classes, moves, found, tk_row=rows, norm_probs=True)

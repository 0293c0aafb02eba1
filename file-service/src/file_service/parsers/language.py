"""The language that the words of a text look like."""

import lzma
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Final

from file_service.parsers.contract import Facts, Output, Source, Task

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

SAMPLE: Final = 4_000  # characters that decide
_FEWEST_LETTERS: Final = 40
_SURE: Final = 0.7


def parse(source: Source, _task: Task, _output: Output) -> Facts:
    """`language`, of a text in UTF-8. The first time takes half a second, any other less than a millisecond."""
    with source.open() as file:
        return {"language": language_of(file.read().decode("utf-8", "replace"))}


def language_of(text: str) -> str | None:
    """ISO 639-1, by the first 4,000 characters; None where there are too few letters, or too little says which."""
    sample = text[:SAMPLE]
    if sum(map(str.isalpha, sample)) < _FEWEST_LETTERS:
        return None
    language, probability = _identifier().classify(sample.encode("utf-8", "replace"))
    return language if probability >= _SURE and len(language) == 2 else None  # "zxx" is no language


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

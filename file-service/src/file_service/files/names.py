"""What files are found and sorted by: their names, in the forms that the database compares."""

import re
import unicodedata

_SEPARATORS = re.compile(r"[\W_]+")


def name_key(filename: str) -> str:
    """Names that differ only in case sort together."""
    return unicodedata.normalize("NFC", filename).casefold()


def words(text: str) -> list[str]:
    """`Q3_report-final.pdf` is found by `report`: whatever is no letter or digit separates."""
    return [word for word in _SEPARATORS.split(name_key(text)) if word]

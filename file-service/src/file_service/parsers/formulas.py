"""How cells begin that a spreadsheet would run."""

from typing import Final

# Also in full width; and what spreadsheets pass over before a formula.
FORMULA_SIGNS: Final = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"

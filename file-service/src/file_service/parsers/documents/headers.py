"""The header fields of hostile mail: short, and never a reason to fail."""

from collections.abc import Sequence
from email.errors import HeaderParseError
from email.policy import EmailPolicy
from typing import Any, Final

_LONGEST: Final = 4_000  # characters; the standard parser takes the square of some fields' length

# The standard parser of structured fields raises these, too, for what it does not expect.
_UNEXPECTED: Final = (
    HeaderParseError,
    ArithmeticError,
    ValueError,
    LookupError,
    AttributeError,
    TypeError,
    RecursionError,
)


class MailPolicy(EmailPolicy):
    """Fields are decoded (RFC 2047), and what cannot be parsed is the text that it is."""

    def header_source_parse(self, sourcelines: Sequence[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(list(sourcelines))
        return name, value[:_LONGEST]

    def header_fetch_parse(self, name: str, value: str) -> Any:
        try:
            return super().header_fetch_parse(name, value)
        except _UNEXPECTED:
            return "".join(value.splitlines())

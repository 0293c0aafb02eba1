"""Reads OAuth's parameters as RFC 6749 §3.1 and §3.2 want them: each once, empty ones as if left out."""

from urllib.parse import parse_qsl

from strongroom.errors import BadRequest

_MOST_PARAMETERS = 50


class MalformedParameters(BadRequest):
    slug = "malformed-parameters"
    title = "A parameter is repeated or malformed"


def once_each(encoded: bytes) -> dict[str, str]:
    """Raises MalformedParameters for what is repeated, not UTF-8, or has a NUL in it."""
    try:
        pairs = parse_qsl(encoded.decode(), max_num_fields=_MOST_PARAMETERS, errors="strict")
    except ValueError as error:
        raise MalformedParameters from error
    found = dict(pairs)
    if len(found) < len(pairs):
        raise MalformedParameters("A parameter is repeated")
    if any("\0" in value for value in found.values()):
        raise MalformedParameters("A parameter contains NUL")
    return found

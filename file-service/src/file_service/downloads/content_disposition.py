"""Writes a file's name into a header so that every client gets it right (RFC 6266, RFC 8187)."""

from urllib.parse import quote

# RFC 8187 §3.2.1 attr-char, less what quote() always keeps.
_ATTR_CHARS = "!#$&+-.^_`|~"


def attachment(filename: str) -> str:
    """To be saved. `filename` for old clients in ASCII, and where that loses something `filename*` in full."""
    return _disposition("attachment", filename)


def inline(filename: str) -> str:
    """To be shown, and saved under that name."""
    return _disposition("inline", filename)


def _disposition(kind: str, filename: str) -> str:
    plain = "".join(c if " " <= c <= "~" and c not in '"\\%' else "_" for c in filename)
    if plain == filename:
        return f'{kind}; filename="{plain}"'
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe=_ATTR_CHARS)}"

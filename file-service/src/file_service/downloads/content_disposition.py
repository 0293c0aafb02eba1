"""Writes a file's name into a header so that every client gets it right (RFC 6266, RFC 8187)."""

from urllib.parse import quote

# RFC 8187 §3.2.1 attr-char, less what quote() always keeps.
_ATTR_CHARS = "!#$&+-.^_`|~"


def attachment(filename: str) -> str:
    """`filename` for old clients in ASCII, and where that loses something `filename*` in full."""
    plain = "".join(c if " " <= c <= "~" and c not in '"\\%' else "_" for c in filename)
    if plain == filename:
        return f'attachment; filename="{plain}"'
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe=_ATTR_CHARS)}"

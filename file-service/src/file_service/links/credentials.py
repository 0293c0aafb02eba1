"""Reads the password that a program gives by HTTP Basic (RFC 7617)."""

import base64
import binascii


def basic_password(header: str | None) -> str | None:
    """Of any user name. None where there is none: another scheme, no base64, no colon, not UTF-8."""
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return decoded.partition(":")[2] or None

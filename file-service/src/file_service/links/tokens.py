"""The secret part of a share link's address. It is shown once, and only its hash is kept."""

import secrets
from hashlib import sha256

_BYTES = 32


def new_token() -> str:
    """256 random bits, in characters that an address takes as they are."""
    return secrets.token_urlsafe(_BYTES)


def digest(token: str) -> bytes:
    """Unkeyed and fast is enough: 256 random bits cannot be guessed from it."""
    return sha256(token.encode()).digest()

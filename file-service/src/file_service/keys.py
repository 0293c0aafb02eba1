"""Derives keys of the service's own out of a secret that it has anyway."""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_BYTES = 32


def derived_key(secret: str, purpose: str) -> bytes:
    """32 bytes, the same in every replica (HKDF-SHA256, RFC 5869). Under another secret, other ones."""
    return HKDF(SHA256(), _BYTES, salt=None, info=f"strongroom {purpose}".encode()).derive(secret.encode())

"""Encrypts what must not lie in the database in the clear, under keys derived from the master key."""

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12
_KEY_BYTES = 32


class WrongMasterKey(Exception):
    """What is stored was sealed under another STRONGROOM_MASTER_KEY, or was tampered with."""


class MasterKey:
    """`encoded` is 32 random bytes in base64. Each purpose gets a key of its own (HKDF-SHA256, RFC 5869)."""

    def __init__(self, encoded: str) -> None:
        self._secret = base64.b64decode(encoded)

    def derive(self, purpose: str) -> bytes:
        """32 bytes, the same for the same purpose."""
        return HKDF(SHA256(), _KEY_BYTES, salt=None, info=purpose.encode()).derive(self._secret)

    def seal(self, secret: bytes, context: str) -> bytes:
        """AES-256-GCM, nonce first. `context` is not stored, and the same must be given to open it."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + AESGCM(self.derive("seal")).encrypt(nonce, secret, context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """Raises WrongMasterKey."""
        nonce, ciphertext = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return AESGCM(self.derive("seal")).decrypt(nonce, ciphertext, context.encode())
        except InvalidTag as error:
            raise WrongMasterKey("STRONGROOM_MASTER_KEY does not open the signing keys in the database") from error

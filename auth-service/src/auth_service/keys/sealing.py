"""Encrypts what must not lie in the database in the clear, under keys derived from the master key."""

import base64
import os
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12
_KEY_BYTES = 32


class WrongMasterKey(Exception):
    """What is stored was sealed under another STRONGROOM_MASTER_KEY, or was tampered with."""


class MasterKey:
    """`encoded` is 32 random bytes in base64. Each purpose gets a key of its own (HKDF-SHA256, RFC 5869).

    With `previous`, what was sealed under that key opens too; everything new is sealed under the current one.
    """

    def __init__(self, encoded: str, previous: Self | None = None) -> None:
        self._secret = base64.b64decode(encoded)
        self._sealing = AESGCM(self.derive("seal"))
        self._previous = previous

    def derive(self, purpose: str) -> bytes:
        """32 bytes, the same for the same purpose."""
        return HKDF(SHA256(), _KEY_BYTES, salt=None, info=purpose.encode()).derive(self._secret)

    def seal(self, secret: bytes, context: str) -> bytes:
        """AES-256-GCM, nonce first. `context`, an id, is not stored; the same must be given to open it."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._sealing.encrypt(nonce, secret, context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """Raises WrongMasterKey."""
        nonce, ciphertext = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return self._sealing.decrypt(nonce, ciphertext, context.encode())
        except (InvalidTag, ValueError) as error:  # ValueError: not even a nonce is there
            if self._previous is not None:
                return self._previous.open(sealed, context)
            what = f"STRONGROOM_MASTER_KEY does not open what is stored in the database ({context})"
            raise WrongMasterKey(what) from error

    def reseal(self, sealed: bytes, context: str) -> bytes:
        """The same secret under the current key, whichever it was sealed under. Raises WrongMasterKey."""
        return self.seal(self.open(sealed, context), context)

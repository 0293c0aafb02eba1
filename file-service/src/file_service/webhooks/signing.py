"""Signs messages as receivers check them (Standard Webhooks 1.0.0), and keeps the secrets that this takes."""

import base64
import hashlib
import hmac
import os
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_PREFIX = "whsec_"
_SECRET_BYTES = 32
_NONCE_BYTES = 12


class SecretUnreadable(Exception):
    """It was sealed under a key that is no longer ours. A new one helps, which its owner can have."""


class Secrets:
    """A hash would not do: to sign takes the secret itself. So it lies in the database sealed (AES-256-GCM)."""

    def __init__(self, key: bytes) -> None:
        self._sealing = AESGCM(key)

    def new(self) -> bytes:
        return os.urandom(_SECRET_BYTES)

    def seal(self, secret: bytes, webhook_id: UUID) -> bytes:
        """It opens for the same webhook only."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._sealing.encrypt(nonce, secret, webhook_id.bytes)

    def open(self, sealed: bytes, webhook_id: UUID) -> bytes:
        """Raises SecretUnreadable."""
        try:
            return self._sealing.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], webhook_id.bytes)
        except InvalidTag as error:
            raise SecretUnreadable from error


def written(secret: bytes) -> str:
    """As its owner is shown it."""
    return _PREFIX + base64.b64encode(secret).decode()


def signed(message_id: str, at: datetime, body: bytes, secrets: Sequence[bytes]) -> dict[str, str]:
    """The headers. There is a signature for each secret, and a receiver needs to know one of them."""
    timestamp = str(int(at.timestamp()))
    content = b"%b.%b.%b" % (message_id.encode(), timestamp.encode(), body)
    signatures = [base64.b64encode(hmac.digest(secret, content, hashlib.sha256)).decode() for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{one}" for one in signatures),
    }

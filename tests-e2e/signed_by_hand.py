"""Makes JWTs that libraries refuse to make."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey


def encoded(part: bytes | Mapping[str, Any]) -> str:
    """In base64url; what is no bytes in JSON first."""
    data = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(key: RSAPrivateKey, header: bytes | Mapping[str, Any], claims: bytes | Mapping[str, Any]) -> str:
    """With RSASSA-PKCS1-v1_5 and SHA-256, whatever the header says."""
    body = f"{encoded(header)}.{encoded(claims)}"
    return f"{body}.{encoded(key.sign(body.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def authenticated(secret: bytes, header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    """With HMAC and SHA-256."""
    body = f"{encoded(header)}.{encoded(claims)}"
    mac = hmac.HMAC(secret, hashes.SHA256())
    mac.update(body.encode())
    return f"{body}.{encoded(mac.finalize())}"

"""A token of the stack under test, and what anybody can know of it."""

from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from jwt.algorithms import RSAAlgorithm
from signed_by_hand import signed


def _stranger() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


@dataclass(frozen=True)
class Genuine:
    """A token, and the key that its issuer publishes for it."""

    token: str
    jwk: dict[str, Any]
    stranger: RSAPrivateKey = field(default_factory=_stranger)

    @property
    def header(self) -> dict[str, Any]:
        return dict(jwt.get_unverified_header(self.token))

    @property
    def claims(self) -> dict[str, Any]:
        return dict(jwt.decode(self.token, options={"verify_signature": False}))

    @property
    def public_key(self) -> RSAPublicKey:
        key = RSAAlgorithm.from_jwk(self.jwk)
        assert isinstance(key, RSAPublicKey)
        return key

    def by_a_stranger(self, **header: Any) -> str:
        return signed(self.stranger, {**self.header, **header}, self.claims)

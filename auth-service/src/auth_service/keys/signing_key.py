"""An RSA key that signs access tokens, and how it is made, named and published."""

import base64
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm

_BITS = 2048


@dataclass(frozen=True, slots=True)
class SigningKey:
    """`kid` is the RFC 7638 thumbprint of `public_jwk`."""

    kid: str
    private: RSAPrivateKey
    public_jwk: dict[str, str]

    @classmethod
    def generate(cls) -> Self:
        """Takes a good part of a second of CPU: not on the event loop."""
        return cls.of(generate_private_key(public_exponent=65537, key_size=_BITS))

    @classmethod
    def of(cls, private: RSAPrivateKey) -> Self:
        numbers = RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
        kid = thumbprint(numbers["e"], numbers["n"])
        jwk = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, "n": numbers["n"], "e": numbers["e"]}
        return cls(kid, private, jwk)

    @classmethod
    def from_der(cls, der: bytes) -> Self:
        # Nobody has changed it, or it would not have opened (`MasterKey`). To check that its numbers belong together
        # would take longer than all the rest of a start.
        private = serialization.load_der_private_key(der, password=None, unsafe_skip_rsa_key_validation=True)
        assert isinstance(private, RSAPrivateKey)
        return cls.of(private)

    def to_der(self) -> bytes:
        return self.private.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def sign(self, claims: dict[str, object], *, typ: str) -> str:
        return jwt.encode(claims, self.private, algorithm="RS256", headers={"kid": self.kid, "typ": typ})


def thumbprint(e: str, n: str) -> str:
    """RFC 7638 §3.1: the required members in alphabetical order, without white space."""
    digest = sha256(f'{{"e":"{e}","kty":"RSA","n":"{n}"}}'.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

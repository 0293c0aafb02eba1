"""An authenticator in software: makes passkeys and answers challenges as WebAuthn §6 has it, or not quite."""

import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

ORIGIN = "http://strongroom.test"

PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey

_USER_PRESENT, _USER_VERIFIED, _CREDENTIAL_DATA = 0x01, 0x04, 0x40


def encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def es256() -> PrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def eddsa() -> PrivateKey:
    return ed25519.Ed25519PrivateKey.generate()


def rs256() -> PrivateKey:
    return rsa.generate_private_key(65537, 2048)


@dataclass(frozen=True, slots=True)
class Oddities:
    """What an answer can have wrong with it."""

    origin: str = ORIGIN
    rp_id: str | None = None
    challenge: str | None = None
    type: str | None = None
    user_verified: bool = True
    user_present: bool = True
    cross_origin: bool = False
    user_handle: bytes | None = None
    without_user_handle: bool = False


HONEST = Oddities()


@dataclass(slots=True)
class Authenticator:
    """Holds one passkey. With `counts` its counter goes up by one each time, else it stays at nought."""

    key: PrivateKey = field(default_factory=es256)
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    counts: bool = True
    count: int = 0
    user_handle: bytes = b""

    def create(self, options: dict[str, Any], odd: Oddities = HONEST, public_key: Any = None) -> dict[str, Any]:
        """What `navigator.credentials.create` gives, as JSON; with attestation "none"."""
        self.user_handle = decode(options["user"]["id"])
        key = cbor2.dumps(public_key or _cose(self.key))
        credential = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + key
        data = self._data(odd.rp_id or options["rp"]["id"], odd, _CREDENTIAL_DATA) + credential
        response = {
            "clientDataJSON": encode(_client_data("webauthn.create", options["challenge"], odd)),
            "attestationObject": encode(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
        }
        return self._credential(response)

    def get(self, options: dict[str, Any], odd: Oddities = HONEST) -> dict[str, Any]:
        """What `navigator.credentials.get` gives, as JSON."""
        data = self._data(odd.rp_id or options["rpId"], odd)
        client_data = _client_data("webauthn.get", options["challenge"], odd)
        response = {
            "clientDataJSON": encode(client_data),
            "authenticatorData": encode(data),
            "signature": encode(self._sign(data + sha256(client_data).digest())),
        }
        if not odd.without_user_handle:
            response["userHandle"] = encode(odd.user_handle or self.user_handle)
        return self._credential(response)

    def _data(self, rp_id: str, odd: Oddities, more: int = 0) -> bytes:
        self.count += 1 if self.counts else 0
        flags = more | (_USER_PRESENT if odd.user_present else 0) | (_USER_VERIFIED if odd.user_verified else 0)
        return sha256(rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _credential(self, response: dict[str, str]) -> dict[str, Any]:
        identity = encode(self.credential_id)
        return {
            "id": identity,
            "rawId": identity,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {},
        }

    def _sign(self, data: bytes) -> bytes:
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            return self.key.sign(data, ec.ECDSA(SHA256()))
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(data, padding.PKCS1v15(), SHA256())
        return self.key.sign(data)


def _client_data(kind: str, challenge: str, odd: Oddities) -> bytes:
    data = {"type": odd.type or kind, "challenge": odd.challenge or challenge, "origin": odd.origin}
    return json.dumps(data | {"crossOrigin": odd.cross_origin}).encode()


def _cose(key: PrivateKey) -> dict[int, Any]:
    """RFC 9053 §7."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        point = key.public_key().public_numbers()
        return {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = key.public_key().public_numbers()
        return {1: 3, 3: -257, -1: numbers.n.to_bytes(256, "big"), -2: numbers.e.to_bytes(3, "big")}
    return {1: 1, 3: -8, -1: 6, -2: key.public_key().public_bytes_raw()}

"""Checks the bytes of one request against its `Upload-Checksum`."""

import base64
import binascii
import hashlib
from typing import Any

from file_service.resumable.errors import ChecksumMismatch, MalformedHeader, UnknownAlgorithm

ALGORITHMS = ("sha1", "sha256", "md5")


class Checksum:
    """What was announced, and the hash of what has come so far."""

    def __init__(self, algorithm: str, expected: bytes) -> None:
        self._expected = expected
        self._hash: Any = hashlib.new(algorithm, usedforsecurity=False)

    def update(self, chunk: bytes) -> None:
        self._hash.update(chunk)

    def require(self) -> None:
        """Raises ChecksumMismatch."""
        if self._hash.digest() != self._expected:
            raise ChecksumMismatch


def parse_checksum(header: str | None) -> Checksum | None:
    """Raises UnknownAlgorithm, MalformedHeader."""
    if header is None:
        return None
    algorithm, _, encoded = header.partition(" ")
    if algorithm not in ALGORITHMS:
        raise UnknownAlgorithm(f"Known are: {', '.join(ALGORITHMS)}")
    try:
        expected = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedHeader("Upload-Checksum is an algorithm and base64") from error
    return Checksum(algorithm, expected)

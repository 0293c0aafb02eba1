"""Checks the integrity fields of an upload, `Content-Digest` and `Repr-Digest` (RFC 9530)."""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from file_service.uploads.errors import DigestMismatch, MalformedDigest

# RFC 9530 §5: the other registered ones are not to be relied on, so they are passed over.
_ALGORITHMS = {"sha-256": "sha256", "sha-512": "sha512"}
# A dictionary of byte sequences (RFC 9651 §3.2, §3.3.5).
_MEMBER = re.compile(r"[ \t]*([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/=]*):[ \t]*(,|$)")


@dataclass(frozen=True, slots=True)
class Digests:
    """What was announced, by the algorithm's name in hashlib. Without a content coding both fields are of the same."""

    expected: tuple[tuple[str, bytes], ...] = ()

    def hashes(self) -> dict[str, Any]:
        """To be fed with the bytes, beside the SHA-256 that is always made."""
        return {name: hashlib.new(name) for name, _ in self.expected}

    def check(self, hashes: Mapping[str, Any]) -> None:
        """Raises DigestMismatch."""
        for name, expected in self.expected:
            if hashes[name].digest() != expected:
                raise DigestMismatch(f"The {name} of what came is {hashes[name].hexdigest()}")


def parse_digests(*fields: str | None) -> Digests:
    """Raises MalformedDigest."""
    found = [member for field in fields if field is not None for member in _members(field)]
    return Digests(tuple(dict.fromkeys((_ALGORITHMS[name], value) for name, value in found if name in _ALGORITHMS)))


def _members(field: str) -> list[tuple[str, bytes]]:
    members: list[tuple[str, bytes]] = []
    position, more = 0, "," if field.strip() else ""
    while more:
        member = _MEMBER.match(field, position)
        if member is None:
            raise MalformedDigest
        try:
            members.append((member[1], base64.b64decode(member[2], validate=True)))
        except binascii.Error as error:
            raise MalformedDigest from error
        position, more = member.end(), member[3]
    return members

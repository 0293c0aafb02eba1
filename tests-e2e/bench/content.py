"""The bytes that go over every path: random ones, so that nobody on the way gets away with compressing them."""

from hashlib import sha256
from random import Random

MIB = 1024 * 1024
BLOCK = Random(5).randbytes(MIB)
LARGE = 256 * MIB


def digest(size: int) -> str:
    """SHA-256 of so many bytes of the block, again and again; a whole number of blocks."""
    found = sha256()
    for _ in range(size // len(BLOCK)):
        found.update(BLOCK)
    return found.hexdigest()

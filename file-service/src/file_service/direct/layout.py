"""Cuts a file into the parts that its client sends."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from file_service.resumable.repository import Upload
from file_service.storage.multipart import MOST_PARTS

_MIB = 1024 * 1024
# What is sent again if a connection breaks; and a request each.
_USUAL_PART_BYTES = 16 * _MIB


def part_size_of(size: int) -> int:
    """In bytes: whole MiB, and as few parts as there may be."""
    least = -(-size // MOST_PARTS)
    return max(_USUAL_PART_BYTES, -(-least // _MIB) * _MIB)


@dataclass(frozen=True, slots=True)
class Layout:
    """Parts are numbered from 1. All have `part_size` bytes but the last, which has what is left."""

    size: int
    part_size: int

    @classmethod
    def of(cls, upload: Upload) -> Self:
        assert upload.length is not None and upload.part_size is not None  # noqa: PT018
        return cls(upload.length, upload.part_size)

    @property
    def count(self) -> int:
        return -(-self.size // self.part_size)

    @property
    def numbers(self) -> Sequence[int]:
        return range(1, self.count + 1)

    def size_of(self, number: int) -> int:
        return min(self.part_size, self.size - (number - 1) * self.part_size)

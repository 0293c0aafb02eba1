"""What a client wants a new upload to be."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Creation:
    """`path` is None for a partial upload, `length` where it is not known yet.

    `partials` are what a final upload consists of, and its length is theirs. `metadata` and `concat` are as sent.
    With a `part_size` the bytes come to the store directly, in parts of that size.
    """

    path: str | None
    declared_type: str | None
    metadata: str | None = None
    concat: str | None = None
    partials: tuple[UUID, ...] = ()
    length: int | None = None
    part_size: int | None = None

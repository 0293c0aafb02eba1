"""What a client wants a new upload to be."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Creation:
    """`path` is None for a partial upload, `length` where it is not known yet.

    `partials` are what a final upload consists of, and its length is theirs. `metadata` and `concat` are as sent.
    """

    path: str | None
    declared_type: str | None
    metadata: str | None
    concat: str | None
    partials: tuple[UUID, ...]
    length: int | None

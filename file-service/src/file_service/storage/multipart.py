"""The port to what a store can do besides: objects that come into being part by part, over many requests."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from file_service.storage.parts import Part

MOST_PARTS = 10_000
LEAST_PART_BYTES = 5 * 1024 * 1024  # of every part but the last
LARGEST_OBJECT = 5 * 1024**4


@dataclass(frozen=True, slots=True)
class SentPart:
    """A part that the store has. `size` is in bytes."""

    number: int
    size: int
    etag: str


class MultipartStore(Protocol):
    """What is begun and neither completed nor aborted is cleared away by the bucket's rule. All raise StoreUnavailable.

    Where a part, or the whole, is not known any more, that is ObjectMissing.
    """

    async def begin(self, key: str) -> str:
        """The id of an upload in parts that will become the object `key`."""
        ...

    async def put_part(self, key: str, upload_id: str, number: int, part: Part) -> str:
        """The part's ETag. Numbers are 1 to `MOST_PARTS`; they order the parts and may have gaps."""
        ...

    async def parts(self, key: str, upload_id: str, *, after: int, limit: int) -> Sequence[SentPart]:
        """Up to `limit` (at most 1,000) of those that have come, by number, beginning behind `after`."""
        ...

    async def complete(self, key: str, upload_id: str, parts: Sequence[tuple[int, str]]) -> None:
        """Makes the object of exactly those parts, by number and ETag; others that were sent are dropped."""
        ...

    async def abort(self, key: str, upload_id: str) -> None:
        """Drops its parts. One that is not there, or is complete, is fine."""
        ...

    async def compose(self, sources: Sequence[str], target: str) -> None:
        """Makes an object of several, inside the store. All but the last have at least `LEAST_PART_BYTES`."""
        ...

"""Has the language of a text told, where the document does not say it."""

from collections.abc import Sequence
from uuid import UUID

from file_service.derivations.passages import Passage
from file_service.parsers.contract import Task
from file_service.sandbox.errors import Interrupted, Unreadable
from file_service.sandbox.pool import Busy, Pool
from file_service.sandbox.sink import Nothing
from file_service.sandbox.sources import HeldBytes

_SAMPLE = 4_000  # characters that decide


class Languages:
    """`pool` is for the parser `language`, which is quick once it has started."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def of(self, owner: UUID, passages: Sequence[Passage]) -> str | None:
        """ISO 639-1. None where it cannot be told: then the text is found by its words as they stand."""
        sample = "".join(one.text for one in passages[:10])[:_SAMPLE]
        try:
            async with self._pool.process(owner) as process:
                source = HeldBytes(sample.encode())
                facts = await process.perform("language", source, Task("text/plain", ""), Nothing())
        except (Unreadable, Interrupted, Busy):
            return None
        language = facts.get("language")
        return language if isinstance(language, str) else None

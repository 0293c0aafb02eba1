"""Reads the text of a file as it was derived."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from file_service.derivations import passages
from file_service.derivations.errors import NotDerivable
from file_service.derivations.readings import Reading, Readings
from file_service.downloads.stored_response import Opening
from file_service.files.history import History
from file_service.texts.schemas import TextOut
from strongroom.database import Database

_PARSERS = ("document", "pdf")
_PIECES = 64  # some hundred KiB


class Texts:
    def __init__(self, database: Database, history: History, readings: Readings) -> None:
        self._database = database
        self._history = history
        self._readings = readings

    async def of(self, account: UUID, file_id: UUID, number: int | None, page: int | None) -> TextOut:
        """Raises FileNotFound, VersionNotFound, NotDerivable, NotDerivedYet, UnreadableFile."""
        reading = await self._reading(account, file_id, number, page)
        text = [piece async for piece in self._pieces(reading.derivation.object_key, page)]
        return TextOut(
            title=reading.facts.get("title"),
            language=reading.facts.get("language"),
            page_count=reading.facts.get("page_count"),
            text="".join(text),
            truncated=bool(reading.facts.get("text_truncated")),
        )

    async def plain(self, account: UUID, file_id: UUID, number: int | None, page: int | None) -> Opening:
        """The text alone, in UTF-8. Raises what `of` does."""
        reading = await self._reading(account, file_id, number, page)

        @asynccontextmanager
        async def opened() -> AsyncIterator[AsyncIterator[bytes]]:
            yield (piece.encode() async for piece in self._pieces(reading.derivation.object_key, page))

        return opened

    async def _reading(self, account: UUID, file_id: UUID, number: int | None, page: int | None) -> Reading:
        _, version = await self._history.find(account, file_id, number)
        reading = await self._readings.done(version.content.object_key, _PARSERS)
        if page is not None and page > (reading.facts.get("page_count") or 1):
            raise NotDerivable("There is no such page")
        return reading

    async def _pieces(self, object_key: str, page: int | None) -> AsyncIterator[str]:
        reached = 0
        while True:
            async with self._database.reading() as connection:
                found = await passages.read(connection, object_key, page=page, after=reached, limit=_PIECES)
            for reached, text in found:  # noqa: B007 - the last one counts
                yield text
            if len(found) < _PIECES:
                return

"""Finds the files that an archive is asked for."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from uuid import UUID

from file_service.archive import repository
from file_service.archive.errors import EmptyArchive, NothingSelected, TooManyFiles
from file_service.archive.names import distinct
from file_service.archive.repository import Entry
from file_service.archive.sending import Archive, archive_of, archive_of_known
from file_service.files.errors import FileNotFound
from file_service.files.paths import filename
from file_service.storage.object_store import ObjectStore
from strongroom.database import Database

_PAGE = 1000
_MOST_FILES = 100_000  # the directory at the end of an archive grows in memory, by half a KiB for each


class Archives:
    def __init__(self, database: Database, store: ObjectStore) -> None:
        self._database = database
        self._store = store

    async def of_files(self, account: UUID, file_ids: Sequence[UUID]) -> Archive:
        """Side by side, in that order. Raises NothingSelected, TooManyFiles; FileNotFound if one is not to be seen."""
        wanted = list(dict.fromkeys(file_ids))
        if not wanted:
            raise NothingSelected
        if len(wanted) > _PAGE:
            raise TooManyFiles(f"At most {_PAGE} ids; a folder may have more files")
        async with self._database.reading() as connection:
            found = await repository.visible(connection, account, wanted)
        if len(found) < len(wanted):
            raise FileNotFound
        entries = [found[one] for one in wanted]
        names = distinct([filename(entry.name) for entry in entries])
        named = [replace(entry, name=name) for entry, name in zip(entries, names, strict=True)]
        return archive_of_known(self._store, "files.zip", named)

    async def of_folder(self, owner: UUID, folder: str) -> Archive:
        """All below it, with the paths from there; `""` is the whole tree. Raises EmptyArchive, TooManyFiles.

        Up to a thousand files are those of this moment, so the size is known. More are read as they are sent.
        """
        async with self._database.reading() as connection:
            page = await repository.inside(connection, owner, folder, after="", limit=_PAGE)
            if len(page) == _PAGE:
                count = await repository.count_inside(connection, owner, folder, limit=_MOST_FILES + 1)
                if count > _MOST_FILES:
                    raise TooManyFiles(f"At most {_MOST_FILES} files")
        if not page:
            raise EmptyArchive
        name = f"{filename(folder) or 'files'}.zip"
        if len(page) < _PAGE:
            return archive_of_known(self._store, name, [_from(folder, entry) for entry in page])
        return archive_of(self._store, name, self._pages(owner, folder, page))

    async def _pages(self, owner: UUID, folder: str, page: Sequence[Entry]) -> AsyncIterator[Entry]:
        while page:
            for entry in page:
                yield _from(folder, entry)
            async with self._database.reading() as connection:
                page = await repository.inside(connection, owner, folder, after=page[-1].name, limit=_PAGE)


def _from(folder: str, entry: Entry) -> Entry:
    return replace(entry, name=entry.name[len(folder) + 1 :]) if folder else entry

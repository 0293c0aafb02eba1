"""Finds the files that an archive is asked for."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from uuid import UUID

from file_service.archive import repository
from file_service.archive.errors import EmptyArchive, NothingSelected, TooManyFiles
from file_service.archive.names import distinct, numbered_name
from file_service.archive.repository import Entry
from file_service.archive.sending import Archive, archive_of, archive_of_known
from file_service.files.errors import FileNotFound
from file_service.files.paths import filename
from file_service.storage.object_store import ObjectStore
from strongroom.database import Database, Transaction

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
        page, last = await self._page(owner, folder, "")
        if not page:
            raise EmptyArchive
        name = f"{filename(folder) or 'files'}.zip"
        if len(page) < _PAGE:
            return archive_of_known(self._store, name, page)
        async with self._database.reading() as connection:
            self.require_few(await repository.count_inside(connection, owner, folder, limit=_MOST_FILES + 1))
        return archive_of(self._store, name, self._pages(owner, folder, page, last))

    def require_few(self, files: int) -> None:
        """Raises TooManyFiles if an archive takes fewer."""
        if files > _MOST_FILES:
            raise TooManyFiles(f"At most {_MOST_FILES} files")

    async def _pages(self, owner: UUID, folder: str, page: Sequence[Entry], last: str) -> AsyncIterator[Entry]:
        while page:
            for entry in page:
                yield entry
            page, last = await self._page(owner, folder, last)

    async def _page(self, owner: UUID, folder: str, after: str) -> tuple[Sequence[Entry], str]:
        """With their names in the archive; and the path that the next page begins behind."""
        async with self._database.reading() as connection:
            found = await repository.inside(connection, owner, folder, after=after, limit=_PAGE)
            clashing = await _clashing(connection, owner, [entry.name for entry in found])
            renamed = {path: await _free_path(connection, owner, path) for path in clashing}
        start = len(folder) + 1 if folder else 0
        page = [replace(entry, name=renamed.get(entry.name, entry.name)[start:]) for entry in found]
        return page, found[-1].name if found else after


async def _clashing(tx: Transaction, owner: UUID, paths: Sequence[str]) -> list[str]:
    """Those of the paths, which are one stretch of the tree, that are folders too: no disk has both."""
    folders = {path[:end] for path in paths for end, character in enumerate(path) if character == "/"}
    # What is below the others would be in the stretch, unless it ends before.
    open_ = [path for path in paths if path not in folders and f"{path}/" > paths[-1]]
    folders |= {path for path in open_ if await repository.count_inside(tx, owner, path, limit=1)}
    return [path for path in paths if path in folders]


async def _free_path(tx: Transaction, owner: UUID, path: str) -> str:
    """Of `a` and `a/b` the first becomes `a (2)`, unless that is taken too."""
    name, number = filename(path), 2
    while await repository.is_taken(tx, owner, free := path.removesuffix(name) + numbered_name(name, number)):
        number += 1
    return free

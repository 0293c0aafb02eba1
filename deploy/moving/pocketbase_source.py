"""Reads people and their files out of a copy of PocketBase's `pb_data`: a SQLite database and a folder of files."""

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from people import OldFile, Person

_CHUNK = 1024 * 1024


class PocketBase:
    """`owned` names collections whose records belong to somebody, with the field that has the owner's id."""

    def __init__(self, folder: Path, people: str, owned: Mapping[str, str]) -> None:
        self._storage = folder / "storage"
        self._people = people
        self._owned = {people: "id", **owned}
        self._database = sqlite3.connect(f"{(folder / 'data.db').absolute().as_uri()}?mode=ro", uri=True)
        self._database.row_factory = sqlite3.Row

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    async def people(self) -> AsyncIterator[Person]:
        everybody = f"select * from {_name(self._people)} where email <> '' order by id"  # noqa: S608 - quoted
        for row in self._database.execute(everybody):
            known = dict(row)
            yield Person(
                old_id=known["id"],
                email=known["email"],
                name=known.get("name") or None,
                verified=bool(known["verified"]),
                password_hash=known.get("password") or known.get("passwordHash"),  # before 0.23
                files=tuple(self._files(known["id"])),
            )

    def _files(self, owner: str) -> Iterator[OldFile]:
        """`collection/record/file`. What begins with `thumbs_` and what ends in `.attrs` PocketBase has made itself."""
        for collection, field in self._owned.items():
            found = self._database.execute("select id from _collections where name = ?", [collection]).fetchone()
            if found is None:
                raise SystemExit(f"there is no collection {collection}")
            records = self._database.execute(
                f"select id from {_name(collection)} where {_name(field)} = ? order by id",  # noqa: S608 - quoted
                [owner],
            )
            for (record,) in records.fetchall():
                for path in sorted((self._storage / found["id"] / record).glob("*")):
                    if path.is_file() and path.suffix != ".attrs":
                        yield OldFile(f"{collection}/{record}/{path.name}", _reader(path))


def _name(identifier: str) -> str:
    """Quoted, since collections may be called anything."""
    return '"' + identifier.replace('"', '""') + '"'


def _reader(path: Path) -> Callable[[], AsyncIterator[bytes]]:
    async def content() -> AsyncIterator[bytes]:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk

    return content

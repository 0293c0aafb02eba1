"""SQL on folders, whole ones and those in one: one statement, however many files."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Update, func, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from file_service.database.tables import files
from file_service.files.errors import InvalidPath, PathTaken
from file_service.files.listing import in_folder
from file_service.files.paths import LONGEST_PATH, behind_prefix
from file_service.files.tree import BEHIND_SEPARATOR, FOLDER, folder_key

# One look into the index for each: the first there is behind the one before and all below it. None of them reads the
# files that are directly in the folder, nor those in its folders.
_CHILDREN = f"""
with recursive found (name, number) as (
    (
        select split_part(substr({FOLDER}, :length + 1), chr(1), 1), 1
        from files.files
        where owner_id = :owner and trashed_at is null and {FOLDER} >= :start {{bound}}
        order by {FOLDER} limit 1
    )
    union all
    select next.name, found.number + 1
    from found cross join lateral (
        select split_part(substr({FOLDER}, :length + 1), chr(1), 1) as name
        from files.files
        where owner_id = :owner and trashed_at is null and {FOLDER} >= :folder || found.name || chr(2) {{bound}}
        order by {FOLDER} limit 1
    ) next
    where found.number < :limit
)
select name from found order by number
"""  # noqa: S608 - nothing in it comes from outside
_BOUND = f"and {FOLDER} < :behind"


async def children(tx: AsyncConnection, owner_id: UUID, folder: str, *, after: str, limit: int) -> Sequence[str]:
    """The names of the folders in it that come after that one, in order; empty for the first ones."""
    key = folder_key(folder)
    asked: dict[str, object] = {
        "owner": owner_id,
        "folder": key,
        "length": len(key),
        "start": key + after + BEHIND_SEPARATOR,
        "limit": limit,
    }
    if key:
        asked["behind"] = behind_prefix(key)
    statement = text(_CHILDREN.format(bound=_BOUND if key else ""))
    return (await tx.execute(statement, asked)).scalars().all()


async def require_room(tx: AsyncConnection, owner_id: UUID, source: str, destination: str) -> None:
    """Raises InvalidPath where a path would get too long by a move."""
    length = func.octet_length(_moved(source, destination))
    too_long = select(files.c.id).where(*_inside(owner_id, source), length > LONGEST_PATH).limit(1)
    if (await tx.execute(too_long)).first() is not None:
        raise InvalidPath(f"A path has at most {LONGEST_PATH} bytes")


async def move(tx: AsyncConnection, owner_id: UUID, source: str, destination: str, now: datetime) -> Sequence[UUID]:
    """The files that there were. Raises PathTaken."""
    moved = _moved(source, destination)
    statement = update(files).where(*_inside(owner_id, source)).values(path=moved, updated_at=now)
    try:
        return await _ids(tx, statement)
    except IntegrityError as error:
        if "uq_files_path" in str(error.orig):
            raise PathTaken from error
        raise


async def trash(tx: AsyncConnection, owner_id: UUID, folder: str, now: datetime) -> Sequence[UUID]:
    statement = update(files).where(*_inside(owner_id, folder)).values(trashed_at=now)
    return await _ids(tx, statement)


async def inside(tx: AsyncConnection, owner_id: UUID, folder: str) -> Sequence[UUID]:
    return (await tx.execute(select(files.c.id).where(*_inside(owner_id, folder)))).scalars().all()


async def _ids(tx: AsyncConnection, statement: Update) -> Sequence[UUID]:
    changed: Sequence[UUID] = (await tx.execute(statement.returning(files.c.id))).scalars().all()
    return changed


def _moved(source: str, destination: str) -> ColumnElement[str]:
    return func.concat(destination, func.substr(files.c.path, len(source) + 1))


def _inside(owner_id: UUID, folder: str) -> tuple[ColumnElement[bool], ...]:
    return files.c.owner_id == owner_id, files.c.trashed_at.is_(None), in_folder(folder)

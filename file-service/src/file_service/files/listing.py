"""SQL on many files: lists in any order. Each has its index, but for that of relevance."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from file_service.database.tables import files
from file_service.files import text_search
from file_service.files.names import name_key
from file_service.files.paths import behind_prefix
from file_service.files.repository import File, file_of
from file_service.files.text_search import TextQuery
from file_service.files.tree import directly_in

# What a list can be sorted by. The id, a UUIDv7, decides among equals, and is by itself the order of creation.
_COLUMNS: dict[str, ColumnElement[Any]] = {
    "relevance": files.c.id,  # where there is nothing to rank by
    "created_at": files.c.id,
    "updated_at": files.c.updated_at,
    "name": files.c.name_key,
    "size": files.c.size,
    "path": files.c.path,
    "trashed_at": files.c.trashed_at,
}
RELEVANCE = "-relevance"
_FEW = 5_000  # sorted in a few milliseconds


@dataclass(frozen=True, slots=True)
class Search:
    """What is left empty matches all. `content_type` may be `image/*`; of `tags` a file must have every one.

    `sort` is the name of a column, with a minus for descending; or RELEVANCE, where there is a text. `folder` is None
    for all folders and empty for the top.
    """

    sort: str
    prefix: str = ""
    folder: str | None = None
    text: str = ""
    content_type: str = ""
    tags: tuple[str, ...] = ()
    trashed: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """`rank` tells how well it fits the text that was looked for, if it was listed by that."""

    file: File
    rank: float = 0.0


@dataclass(frozen=True, slots=True)
class Position:
    """The last file that the client has: the value that the list is sorted by, and its id."""

    value: object
    id: UUID


def position_of(found: Found, sort: str) -> Position:
    file = found.file
    values = {
        "relevance": found.rank,
        "created_at": file.id,
        "updated_at": file.updated_at,
        "name": name_key(file.filename),
        "size": file.content.size,
        "path": file.path,
        "trashed_at": file.trashed_at,
    }
    return Position(values[sort.removeprefix("-")], file.id)


async def found(
    tx: AsyncConnection, owner_id: UUID, search: Search, *, after: Position | None, limit: int
) -> Sequence[Found]:
    """By relevance, only the first 5,000 that are found are ranked, and listed."""
    text = await text_search.text_query(tx, owner_id, search.text) if search.text else None
    owned = files.c.owner_id == owner_id
    if text is not None and search.sort == RELEVANCE:
        return await _ranked(tx, owned, search, text, after=after, limit=limit)
    query, few = await _matching(tx, owned, search, text)
    column, descending = _COLUMNS[search.sort.removeprefix("-")], search.sort.startswith("-")
    query = _page(query, column, descending=descending, after=after, few=few).limit(limit)
    return [Found(file_of(row)) for row in (await tx.execute(query)).mappings()]


def _page(
    query: Select[Any], column: ColumnElement[Any], *, descending: bool, after: Position | None, few: bool
) -> Select[Any]:
    """A `few` are sorted when all are fetched. No index has the order of what a `coalesce` answers.

    The planner would else go through all files in order, until it has met as many of them as a page has.
    """
    keys: tuple[ColumnElement[Any], ...] = (column,) if column is files.c.id else (column, files.c.id)
    if few:
        keys = tuple(func.coalesce(key, key) for key in keys)
    if after is not None:
        reached = (after.id,) if column is files.c.id else (after.value, after.id)
        here, there = tuple_(*keys), tuple_(*reached)
        query = query.where(here < there if descending else here > there)
    return query.order_by(*(key.desc() if descending else key for key in keys))


async def _ranked(
    tx: AsyncConnection,
    owned: ColumnElement[bool],
    search: Search,
    text: TextQuery,
    *,
    after: Position | None,
    limit: int,
) -> Sequence[Found]:
    ranked = text_search.ranked(text, owned, *_conditions(search), limit=_FEW)
    query = select(files, ranked.c.rank).join(ranked, ranked.c.id == files.c.id)
    query = _page(query, ranked.c.rank, descending=True, after=after, few=True).limit(limit)
    return [Found(file_of(row), row["rank"]) for row in (await tx.execute(query)).mappings()]


async def _matching(
    tx: AsyncConnection, owned: ColumnElement[bool], search: Search, text: TextQuery | None
) -> tuple[Select[Any], bool]:
    """How to find them: in order until a page is full where many match, and all at once where few do. Whether few do.

    The planner must not choose: it cannot tell how rare a word is, and would read the whole list for one that is.
    """
    conditions = [owned, *_conditions(search)]
    if search.text and text is None:  # nothing but signs, which only a name can have
        conditions.append(text_search.named_so(search.text))
    if not (search.text or search.tags or search.content_type):
        return select(files).where(*conditions), False
    if text is None:
        matching: Select[Any] = select(files.c.id).where(*conditions).limit(_FEW + 1)
    else:
        matching = select(text_search.found(text, *conditions, limit=_FEW + 1).subquery().c.id)
    if (await tx.execute(select(func.count()).select_from(matching.subquery()))).scalar_one() > _FEW:
        in_order = [owned, *_conditions(search, in_order=True)]
        if search.text:
            in_order.append(text_search.matches(text) if text else text_search.named_so(search.text))
        return select(files).where(*in_order), False
    few = matching.cte("few").prefix_with("materialized")
    return select(files).join(few, few.c.id == files.c.id), True


async def trashed(tx: AsyncConnection, owner_id: UUID, *, limit: int) -> Sequence[UUID]:
    query = select(files.c.id).where(files.c.owner_id == owner_id, files.c.trashed_at.is_not(None))
    return (await tx.execute(query.limit(limit))).scalars().all()


def in_folder(folder: str) -> ColumnElement[bool]:
    """Whatever is below the folder, and one stretch of the index."""
    return _with_prefix(files.c.path, f"{folder}/")


def _conditions(search: Search, *, in_order: bool = False) -> list[ColumnElement[bool]]:
    """All but the text. With `in_order` the type is no way in: its index has another order, and the planner trusts it.

    What a `coalesce` answers, it takes for as likely as not.
    """
    conditions: list[ColumnElement[bool]] = [
        files.c.trashed_at.is_not(None) if search.trashed else files.c.trashed_at.is_(None)
    ]
    if search.prefix:
        conditions.append(_with_prefix(files.c.path, unicodedata.normalize("NFC", search.prefix)))
    if search.folder is not None:
        conditions.append(directly_in(search.folder))
    if search.content_type:
        of_type = _of_type(search.content_type)
        conditions.append(func.coalesce(of_type, false()) if in_order else of_type)
    if search.tags:
        conditions.append(files.c.tags.contains(list(search.tags)))
    return conditions


def _with_prefix(column: ColumnElement[Any], prefix: str) -> ColumnElement[bool]:
    # Not LIKE: under a prepared statement the planner could not tell that its pattern is a prefix.
    behind = behind_prefix(prefix)
    return and_(column >= prefix, column < behind) if behind else column >= prefix


def _of_type(wanted: str) -> ColumnElement[bool]:
    column, wanted = func.lower(files.c.content_type.collate("C")), wanted.lower()  # RFC 9110 §8.3.1
    if wanted.endswith("/*"):
        return _with_prefix(column, wanted.removesuffix("*"))
    # The first condition is one stretch of the index, with a few others in it, like `text/plain-x` for `text/plain`.
    stretch = and_(column >= wanted, column < behind_prefix(f"{wanted};"))
    return and_(stretch, or_(column == wanted, _with_prefix(column, f"{wanted};")))

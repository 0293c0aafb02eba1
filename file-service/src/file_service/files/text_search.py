"""SQL that finds files by a text: by their names and tags, and by what is inside them."""

from dataclasses import dataclass
from functools import reduce
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Float, Subquery, and_, cast, exists, func, literal, or_, select, union_all
from sqlalchemy.dialects.postgresql import REGCONFIG
from sqlalchemy.ext.asyncio import AsyncConnection

from file_service.database.tables import file_versions, files, passages, searched_languages
from file_service.files.names import name_key, words

_SHORTEST_SUBSTRING = 3  # a trigram index knows nothing of less
_MOST_WORDS = 20
_MOST_PASSAGES = 20_000  # that are ranked in some hundred milliseconds
_Vector = ColumnElement[Any]


@dataclass(frozen=True, slots=True)
class TextQuery:
    """`terms` has what each word of the text is looked for as, inside of files."""

    owner_id: UUID
    text: str
    terms: tuple[_Vector, ...]

    @property
    def any_term(self) -> _Vector:
        return reduce(lambda one, other: one.op("||")(other), self.terms)


async def text_query(tx: AsyncConnection, owner_id: UUID, text: str) -> TextQuery:
    """A word is found as the beginning of one, and in another of its forms in the languages that the owner has."""
    languages = select(searched_languages.c.stemmer).where(searched_languages.c.owner_id == owner_id)
    stemmers = (await tx.execute(languages)).scalars().all()
    terms = [_term(word, stemmers) for word in words(text)[:_MOST_WORDS]]
    return TextQuery(owner_id, text, tuple(terms) or (func.to_tsquery("simple", ""),))


def _term(word: str, stemmers: Any) -> _Vector:
    stems = [func.to_tsquery(cast(stemmer, REGCONFIG), word) for stemmer in stemmers]
    return reduce(lambda one, other: one.op("||")(other), stems, func.to_tsquery("simple", f"{word}:*"))


def ranked(text: TextQuery, *conditions: ColumnElement[bool], limit: int) -> Subquery:
    """`id` and `rank` of up to `limit` files that meet the conditions; best are those with the text in their names."""
    named = select(files.c.id, literal(1.0, Float).label("rank")).where(*conditions, _named(text.text)).limit(limit)
    inside = _inside(text)
    current = and_(file_versions.c.file_id == files.c.id, file_versions.c.version == files.c.version)
    containing = (
        select(files.c.id, inside.c.rank)
        .select_from(inside)
        .join(file_versions, file_versions.c.object_key == inside.c.source_key)
        .join(files, current)
        .where(*conditions)
        .limit(limit)
    )
    both = union_all(named.subquery().select(), containing.subquery().select()).subquery()
    best = select(both.c.id, func.sum(both.c.rank).label("rank")).group_by(both.c.id)
    return best.limit(limit).cte("ranked").prefix_with("materialized").select().subquery()


def matches(text: TextQuery) -> ColumnElement[bool]:
    """Of one file, for lists that are read in order until a page is full."""
    inside = [
        exists().where(passages.c.source_key == files.c.object_key, passages.c.words.op("@@")(term))
        for term in text.terms
    ]
    return or_(_named(text.text), and_(*inside))


def _named(text: str) -> ColumnElement[bool]:
    """Every word begins a word of the name or of a tag; or the whole stands somewhere in the name."""
    by_words = files.c.words.op("@@")(func.to_tsquery("simple", " & ".join(f"{word}:*" for word in words(text))))
    key = name_key(text)
    if len(key) < _SHORTEST_SUBSTRING:
        return by_words
    return or_(by_words, files.c.name_key.contains(key, autoescape=True))


def _inside(text: TextQuery) -> Subquery:
    """Objects that have every word somewhere, in whichever passage, and how well the best of these fits."""
    found = (
        select(passages.c.source_key, passages.c.words)
        .where(passages.c.owner_id == text.owner_id, passages.c.words.op("@@")(text.any_term))
        .limit(_MOST_PASSAGES)
        .subquery()
    )
    rank = func.max(func.ts_rank(found.c.words, text.any_term, 32)).cast(Float)
    every = [func.bool_or(found.c.words.op("@@")(term)) for term in text.terms]
    return select(found.c.source_key, rank.label("rank")).group_by(found.c.source_key).having(*every).subquery()

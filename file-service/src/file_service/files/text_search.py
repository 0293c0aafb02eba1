"""SQL that finds files by a text: by their names and tags, and by what is inside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Float,
    Integer,
    Select,
    Subquery,
    Text,
    and_,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    union,
)
from sqlalchemy.dialects.postgresql import REGCONFIG, TSQUERY
from sqlalchemy.ext.asyncio import AsyncConnection

from file_service.database.tables import file_versions, files, passages, searched_languages
from file_service.files.names import name_key, words

_SHORTEST_SUBSTRING = 3  # a trigram index knows nothing of less
_MOST_WORDS = 20
_RANKED_BY = 32  # rank / (rank + 1): below that of a name


@dataclass(frozen=True, slots=True)
class TextQuery:
    """`terms` has, as a `tsquery`, what each word of the text is looked for as, the longest and so the rarest first."""

    owner_id: UUID
    text: str
    terms: tuple[str, ...]

    @property
    def any_term(self) -> ColumnElement[Any]:
        return _tsquery(" | ".join(f"({term})" for term in self.terms))


async def text_query(tx: AsyncConnection, owner_id: UUID, text: str) -> TextQuery | None:
    """A word is found as the beginning of one, and in another of its forms in the languages that the owner has.

    None where the text has no word. What the terms are is asked once: in a statement that PostgreSQL prepares, it would
    work them out for each row.
    """
    wanted = sorted(dict.fromkeys(words(text)), key=len, reverse=True)[:_MOST_WORDS]
    if not wanted:
        return None
    languages = select(searched_languages.c.stemmer).where(searched_languages.c.owner_id == owner_id)
    stemmers = (await tx.execute(languages)).scalars().all()
    terms = (await tx.execute(select(*(cast(_term(word, stemmers), Text) for word in wanted)))).one()
    return TextQuery(owner_id, text, tuple(terms))


def _term(word: str, stemmers: Sequence[str]) -> ColumnElement[Any]:
    stems = [func.to_tsquery(cast(stemmer, REGCONFIG), word) for stemmer in stemmers]
    return reduce(lambda one, other: one.op("||")(other), stems, func.to_tsquery("simple", f"{word}:*"))


def _tsquery(term: str) -> ColumnElement[Any]:
    return cast(literal(term, Text), TSQUERY)


def found(text: TextQuery, *conditions: ColumnElement[bool], limit: int) -> CompoundSelect[Any]:
    """The ids of up to twice so many files that meet the conditions."""
    named = select(files.c.id).where(*conditions, named_so(text.text)).limit(limit)
    containing = _containing(text, *conditions).limit(limit)
    return union(named.subquery().select(), containing.subquery().select())


def ranked(text: TextQuery, *conditions: ColumnElement[bool], limit: int) -> Subquery:
    """`id` and `rank` of up to `limit` files that meet the conditions; best are those with the text in their names."""
    ids = found(text, *conditions, limit=limit).cte("found").prefix_with("materialized")
    any_term = text.any_term
    best = (
        select(func.max(func.ts_rank(passages.c.words, any_term, _RANKED_BY)))
        .where(passages.c.source_key == files.c.object_key, passages.c.words.op("@@")(any_term))
        .scalar_subquery()
    )
    by_name = cast(cast(named_so(text.text), Integer), Float)
    rank = (by_name + cast(func.coalesce(best, 0.0), Float)).label("rank")
    those = select(files.c.id, rank).join(ids, ids.c.id == files.c.id).limit(limit)
    return those.cte("ranked").prefix_with("materialized").select().subquery()


def matches(text: TextQuery) -> ColumnElement[bool]:
    """Of one file, for lists that are read in order until a page is full."""
    return or_(named_so(text.text), and_(*(_has(term, files.c.object_key) for term in text.terms)))


def named_so(text: str) -> ColumnElement[bool]:
    """Every word begins a word of the name or of a tag; or the whole stands somewhere in the name."""
    by_words = files.c.words.op("@@")(func.to_tsquery("simple", " & ".join(f"{word}:*" for word in words(text))))
    key = name_key(text)
    if len(key) < _SHORTEST_SUBSTRING:
        return by_words
    return or_(by_words, files.c.name_key.contains(key, autoescape=True))


def _containing(text: TextQuery, *conditions: ColumnElement[bool]) -> Select[Any]:
    """Files whose current version has every word somewhere, in whichever passage."""
    first, *others = text.terms
    current = and_(file_versions.c.file_id == files.c.id, file_versions.c.version == files.c.version)
    return (
        select(files.c.id)
        .select_from(passages)
        .join(file_versions, file_versions.c.object_key == passages.c.source_key)
        .join(files, current)
        .where(
            passages.c.owner_id == text.owner_id,
            passages.c.words.op("@@")(_tsquery(first)),
            *(_has(term, passages.c.source_key) for term in others),
            *conditions,
        )
        .distinct()
    )


def _has(term: str, object_key: ColumnElement[str]) -> ColumnElement[bool]:
    other = passages.alias()
    return exists().where(other.c.source_key == object_key, other.c.words.op("@@")(_tsquery(term)))

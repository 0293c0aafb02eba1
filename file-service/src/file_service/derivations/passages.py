"""SQL on the texts of objects, and what they are found by: their words as they stand, and as they are stemmed."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Integer, Text, bindparam, delete, select, text
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from file_service.database.tables import passages, searched_languages
from file_service.derivations.repository import Derivation


@dataclass(frozen=True, slots=True)
class Passage:
    """`page` counts from 1. It is found by its `words`, as names are: lower case, and nothing but blanks between."""

    page: int
    text: str
    words: str


# PostgreSQL's own stemmers by ISO 639-1.
_STEMMERS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch",
    "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "sv": "swedish",
    "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
_AS_IT_STANDS = "simple"

_ADD = text(
    """
    insert into files.passages (source_key, number, parser, owner_id, page, text, stemmer, words)
    select :key, number, :parser, :owner, page, new.text, :stemmer,
        to_tsvector('simple', new.words) || to_tsvector(cast(cast(:stemmer as text) as regconfig), new.words)
    from unnest(:pages, :texts, :words) with ordinality as new (page, text, words, number)
    """
).bindparams(
    bindparam("pages", type_=ARRAY(Integer)),
    bindparam("texts", type_=ARRAY(Text)),
    bindparam("words", type_=ARRAY(Text)),
    bindparam("stemmer", type_=Text),
)


async def put(tx: AsyncConnection, one: Derivation, found: Sequence[Passage], language: str | None) -> None:
    """In place of those that there are. `one` is to be locked."""
    await remove(tx, one)
    if not found:
        return
    stemmer = _STEMMERS.get(language or "", _AS_IT_STANDS)
    values = {"key": one.object_key, "parser": one.parser, "owner": one.owner_id, "stemmer": stemmer}
    columns = {
        "pages": [each.page for each in found],
        "texts": [each.text for each in found],
        "words": [each.words for each in found],
    }
    await tx.execute(_ADD, {**values, **columns})
    if stemmer != _AS_IT_STANDS:
        known = insert(searched_languages).values(owner_id=one.owner_id, stemmer=stemmer)
        await tx.execute(known.on_conflict_do_nothing())


async def remove(tx: AsyncConnection, one: Derivation) -> None:
    """`one` is to be locked."""
    await tx.execute(delete(passages).where(passages.c.source_key == one.object_key, passages.c.parser == one.parser))


async def read(
    tx: AsyncConnection, object_key: str, *, page: int | None = None, after: int = 0, limit: int
) -> Sequence[tuple[int, str]]:
    """Their numbers and texts, in order; of one page, or of all."""
    query = select(passages.c.number, passages.c.text).where(
        passages.c.source_key == object_key, passages.c.number > after
    )
    if page is not None:
        query = query.where(passages.c.page == page)
    rows = await tx.execute(query.order_by(passages.c.number).limit(limit))
    return [(row.number, row.text) for row in rows]

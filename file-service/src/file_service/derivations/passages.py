"""SQL on the texts of objects, and what they are found by: their words as they stand, and as they are stemmed."""

from collections.abc import Sequence
from typing import TypeAlias

from sqlalchemy import Integer, Text, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from file_service.database.tables import passages
from file_service.derivations.repository import Derivation

# Where it is, counted from 1, and what it says.
Passage: TypeAlias = tuple[int, str]

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
    insert into files.passages (source_key, number, parser, owner_id, page, text, words)
    select :key, number, :parser, :owner, page, words.text,
        to_tsvector('simple', words.text) || to_tsvector(cast(cast(:stemmer as text) as regconfig), words.text)
    from unnest(:pages, :texts) with ordinality as words (page, text, number)
    """
).bindparams(bindparam("pages", type_=ARRAY(Integer)), bindparam("texts", type_=ARRAY(Text)))


def stemmer(language: str | None) -> str:
    """The name of a text search configuration."""
    return _STEMMERS.get(language or "", _AS_IT_STANDS)


async def add(tx: AsyncConnection, one: Derivation, found: Sequence[Passage], language: str | None) -> None:
    """`one` is to be locked."""
    if found:
        pages, texts = zip(*found, strict=True)
        values = {"key": one.object_key, "parser": one.parser, "owner": one.owner_id, "stemmer": stemmer(language)}
        await tx.execute(_ADD, {**values, "pages": list(pages), "texts": list(texts)})


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

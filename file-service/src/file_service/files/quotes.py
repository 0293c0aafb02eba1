"""SQL that quotes the passage of a file in which the words stand that were looked for."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Text, cast, func, lateral, literal, select, true
from sqlalchemy.dialects.postgresql import ARRAY, REGCONFIG
from sqlalchemy.ext.asyncio import AsyncConnection

from file_service.database.tables import passages
from file_service.files.text_search import text_query

# No text has control characters in it.
_BEGIN, _END = "\x02", "\x03"
_OPTIONS = f"StartSel={_BEGIN}, StopSel={_END}, MaxWords=30, MinWords=12, MaxFragments=2, FragmentDelimiter= … "


@dataclass(frozen=True, slots=True)
class Quote:
    """`html` is escaped but for `<mark>` around what was found."""

    page: int
    html: str


async def quotes(tx: AsyncConnection, owner_id: UUID, text: str, object_keys: Sequence[str]) -> Mapping[str, Quote]:
    """Of those of the objects that have some of the words."""
    query = await text_query(tx, owner_id, text)
    if query is None:
        return {}
    wanted = query.any_term
    keys = select(func.unnest(literal(list(object_keys), ARRAY(Text))).label("key")).subquery()
    best = lateral(
        select(passages.c.page, passages.c.text, passages.c.stemmer)
        .where(passages.c.source_key == keys.c.key, passages.c.words.op("@@")(wanted))
        .order_by(func.ts_rank(passages.c.words, wanted).desc(), passages.c.number)
        .limit(1)
    )
    quoted = func.ts_headline(cast(best.c.stemmer, REGCONFIG), best.c.text, wanted, _OPTIONS)
    rows = await tx.execute(select(keys.c.key, best.c.page, quoted.label("quoted")).join(best, true()))
    return {row.key: Quote(row.page, _marked(row.quoted)) for row in rows}


def _marked(quoted: str) -> str:
    return html.escape(quoted.strip()).replace(_BEGIN, "<mark>").replace(_END, "</mark>")

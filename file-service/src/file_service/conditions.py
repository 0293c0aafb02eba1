"""Conditional requests (RFC 9110 §13): what a client expects of the current representation."""

import re
from dataclasses import dataclass

_TAG = re.compile(r'\s*(W/)?("[\x21\x23-\x7e\x80-\xff]*")\s*(?:,|$)')


@dataclass(frozen=True, slots=True)
class EntityTags:
    """The list of an `If-Match` or `If-None-Match`; `anything` stands for `*`."""

    anything: bool
    strong: frozenset[str]
    weak: frozenset[str]

    def match_strongly(self, etag: str | None) -> bool:
        """`etag` is that of the current representation, None if there is none."""
        return etag is not None and (self.anything or etag in self.strong)

    def match_weakly(self, etag: str | None) -> bool:
        return etag is not None and (self.anything or etag in self.strong or etag in self.weak)


def entity_tags(header: str | None) -> EntityTags | None:
    """None where the header was not sent. What is malformed in it matches nothing."""
    if header is None:
        return None
    if header.strip() == "*":
        return EntityTags(True, frozenset(), frozenset())
    found = [(bool(one[1]), one[2]) for one in _TAG.finditer(header)]
    return EntityTags(
        False, frozenset(tag for weak, tag in found if not weak), frozenset(tag for weak, tag in found if weak)
    )


@dataclass(frozen=True, slots=True)
class Preconditions:
    """Of a request that changes something: `If-Match`, `If-None-Match`."""

    if_match: EntityTags | None = None
    if_none_match: EntityTags | None = None

    def hold(self, etag: str | None) -> bool:
        """RFC 9110 §13.2.2. `etag` is None where there is nothing yet."""
        if self.if_match is not None and not self.if_match.match_strongly(etag):
            return False
        return self.if_none_match is None or not self.if_none_match.match_weakly(etag)


NO_PRECONDITIONS = Preconditions()
NOTHING_YET = Preconditions(if_none_match=EntityTags(True, frozenset(), frozenset()))

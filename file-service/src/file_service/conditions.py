"""Conditional requests (RFC 9110 §13): what a client expects of the current representation."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Self

from file_service.http_dates import parse_http_date

_TAG = re.compile(r'(?:^|,)[ \t]*(W/)?("[\x21\x23-\x7e\x80-\xff]*")[ \t]*(?=,|$)')


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
    if _TAG.sub("", header).strip(" \t,") == "*":  # also beside tags: lines that were sent apart are joined
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


class Verdict(Enum):
    """What the conditions of a request that only reads come to."""

    MET = auto()
    NOT_MODIFIED = auto()  # 304
    FAILED = auto()  # 412


@dataclass(frozen=True, slots=True)
class Validators:
    """What tells one representation from another: its strong entity tag, and when it came, to the second.

    `date_is_strong` where nothing else was ever served under the same date (RFC 9110 §8.8.2.2).
    """

    etag: str
    modified_at: datetime
    date_is_strong: bool


@dataclass(frozen=True, slots=True)
class ReadConditions:
    """Of a GET or HEAD. Dates that cannot be read are None, as if they had not been sent."""

    if_match: EntityTags | None = None
    if_none_match: EntityTags | None = None
    if_modified_since: datetime | None = None
    if_unmodified_since: datetime | None = None
    if_range: str | None = None

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> Self:
        """`headers` are by their names in lower case, those sent more than once joined by a comma."""
        return cls(
            if_match=entity_tags(headers.get("if-match")),
            if_none_match=entity_tags(headers.get("if-none-match")),
            if_modified_since=parse_http_date(headers.get("if-modified-since")),
            if_unmodified_since=parse_http_date(headers.get("if-unmodified-since")),
            if_range=headers.get("if-range"),
        )

    def judge(self, current: Validators) -> Verdict:
        """In the order of RFC 9110 §13.2.2, where a date counts only if there is no list of tags beside it."""
        if self.if_match is not None:
            if not self.if_match.match_strongly(current.etag):
                return Verdict.FAILED
        elif self.if_unmodified_since is not None and current.modified_at > self.if_unmodified_since:
            return Verdict.FAILED
        if self.if_none_match is not None:
            unchanged = self.if_none_match.match_weakly(current.etag)
        else:
            unchanged = self.if_modified_since is not None and current.modified_at <= self.if_modified_since
        return Verdict.NOT_MODIFIED if unchanged else Verdict.MET

    def want_range(self, current: Validators) -> bool:
        """RFC 9110 §13.1.5: whether a `Range` counts, or the client's part is of something else."""
        if self.if_range is None:
            return True
        wanted = self.if_range.strip()
        if wanted.startswith(('"', "W/")):
            return wanted == current.etag
        return current.date_is_strong and parse_http_date(wanted) == current.modified_at

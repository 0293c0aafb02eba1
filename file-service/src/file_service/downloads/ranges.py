"""Decides which bytes a `Range` stands for (RFC 9110 §14), so that no list of ranges costs more than the file."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from file_service.downloads.errors import RangeNotSatisfiable

MOST_SPANS = 16

_SPEC = re.compile(r"([0-9]*)-([0-9]*)")
_MOST_DIGITS = 20  # more than any size has; and what has thousands of them is slow to read


@dataclass(frozen=True, slots=True)
class Span:
    """The bytes from `start` up to `end`, without that one."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start

    def content_range(self, size: int) -> str:
        """RFC 9110 §14.4."""
        return f"bytes {self.start}-{self.end - 1}/{size}"


def wanted_spans(header: str | None, size: int) -> Sequence[Span] | None:
    """Up to MOST_SPANS that neither overlap nor touch, in the order asked for; None for the whole file.

    That is the answer to a header that is malformed, of another unit, or would take more parts. Raises
    RangeNotSatisfiable if all of it lies outside the `size` bytes.
    """
    specs = None if header is None else _specs(header)
    if not specs:
        return None
    spans = [span for span in (_span(first, last, size) for first, last in specs) if span]
    if not spans:
        raise RangeNotSatisfiable(size)
    if size == 0:
        return None  # the last so many bytes of nothing: satisfiable, but no Content-Range can say so
    joined = coalesced(spans)
    return joined if len(joined) <= MOST_SPANS else None


def coalesced(spans: Iterable[Span]) -> Sequence[Span]:
    """What overlaps or touches becomes one, and stands where the first of it was asked for (RFC 9110 §15.3.7.2)."""
    joined: list[tuple[int, Span]] = []
    for place, span in sorted(enumerate(spans), key=lambda placed: placed[1].start):
        if joined and span.start <= joined[-1][1].end:
            earlier, before = joined[-1]
            joined[-1] = min(place, earlier), Span(before.start, max(before.end, span.end))
        else:
            joined.append((place, span))
    return [span for _, span in sorted(joined, key=lambda placed: placed[0])]


def _specs(header: str) -> list[tuple[int | None, int | None]] | None:
    """First and last positions; without a first one, the last so many bytes. None if any of it is malformed."""
    unit, _, listed = header.partition("=")
    if unit.strip().lower() != "bytes":
        return None
    specs: list[tuple[int | None, int | None]] = []
    for item in filter(None, (one.strip(" \t") for one in listed.split(","))):
        spec = _SPEC.fullmatch(item)
        if spec is None:
            return None
        first, last = _number(spec[1]), _number(spec[2])
        if (first is None and last is None) or (first is not None and last is not None and last < first):
            return None
        specs.append((first, last))
    return specs


def _number(digits: str) -> int | None:
    return int(digits.lstrip("0")[:_MOST_DIGITS] or "0") if digits else None


def _span(first: int | None, last: int | None, size: int) -> Span | None:
    """None if it is not satisfiable (RFC 9110 §14.1.2)."""
    if first is None:
        return Span(max(0, size - last), size) if last else None
    if first >= size:
        return None
    return Span(first, size if last is None else min(last + 1, size))

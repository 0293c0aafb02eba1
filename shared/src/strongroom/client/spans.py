"""Which bytes of a file are there already."""

from collections.abc import Iterator, Sequence

Span = tuple[int, int]  # from, up to and not including


class Spans:
    """Sorted, none touching another."""

    def __init__(self, spans: Sequence[Span] = ()) -> None:
        self._spans: list[Span] = []
        for start, end in spans:
            self.add(start, end)

    def add(self, start: int, end: int) -> None:
        if start >= end:
            return
        apart = [one for one in self._spans if one[1] < start or one[0] > end]
        joined = [one for one in self._spans if one not in apart]
        whole = (min([start, *(one[0] for one in joined)]), max([end, *(one[1] for one in joined)]))
        self._spans = sorted([*apart, whole])

    def __iter__(self) -> Iterator[Span]:
        return iter(self._spans)

    @property
    def total(self) -> int:
        return sum(end - start for start, end in self._spans)

    @property
    def first_gap(self) -> int:
        """Up to where all is there from the beginning on."""
        return self._spans[0][1] if self._spans and self._spans[0][0] == 0 else 0

    def missing(self, size: int, longest: int) -> list[Span]:
        """What is not there of `size` bytes, in pieces of at most `longest`."""
        gaps: list[Span] = []
        behind = 0
        for start, end in [*self._spans, (size, size)]:
            while behind < start:
                gaps.append((behind, min(behind + longest, start)))
                behind = gaps[-1][1]
            behind = max(behind, end)
        return gaps

"""What the measurements say: figures, in sections, and how ratios are taken."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` against `target`; `floor` says whether it should be at least the target, or at most.

    `behind` tells a reader what the value was made of.
    """

    work: str
    value: float
    unit: str
    target: float | None = None
    floor: bool = True
    behind: str = ""

    @property
    def verdict(self) -> str:
        if self.target is None:
            return ""
        return "reached" if self.attained >= 1 else "missed"

    @property
    def attained(self) -> float:
        """What part of the target was reached, 1 being all of it."""
        assert self.target is not None
        return self.value / self.target if self.floor else self.target / self.value


@dataclass(frozen=True, slots=True)
class Skipped:
    """What could not be measured on this machine."""

    work: str
    why: str


Finding = Figure | Skipped


@dataclass(frozen=True, slots=True)
class Section:
    """What one measurement found, and how long it took."""

    title: str
    seconds: float
    findings: Sequence[Finding]

    @property
    def figures(self) -> list[Figure]:
        return [one for one in self.findings if isinstance(one, Figure)]

    @property
    def skipped(self) -> list[Skipped]:
        return [one for one in self.findings if isinstance(one, Skipped)]


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share of all lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def ratio(work: str, ours: Sequence[float], theirs: Sequence[float], unit: str, target: float | None = None) -> Figure:
    """The median of the ratios of rounds, in each of which both were measured, one after the other."""
    ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
    behind = f"{number(median(ours))} against {number(median(theirs))} {unit}; "
    return Figure(work, median(ratios), "x", target, behind=behind + f"{number(min(ratios))} to {number(max(ratios))}")


def number(value: float) -> str:
    """Three digits, or all those before the point."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"

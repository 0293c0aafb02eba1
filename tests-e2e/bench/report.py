"""What a measurement says, and how all of them are shown: markdown for people, JSON for programs."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` against `target`; `floor` says whether it should be at least the target, or at most."""

    work: str
    value: float
    unit: str
    target: float | None = None
    floor: bool = True

    @property
    def verdict(self) -> str:
        if self.target is None:
            return ""
        reached = self.value >= self.target if self.floor else self.value <= self.target
        return "reached" if reached else "missed"


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share of all lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def markdown(figures: Sequence[Figure]) -> str:
    lines = ["| work | measured | to reach | |", "|---|---|---|---|"]
    for figure in figures:
        target = "" if figure.target is None else f"{'≥' if figure.floor else '≤'} {figure.target:g} {figure.unit}"
        lines.append(f"| {figure.work} | {figure.value:.3g} {figure.unit} | {target} | {figure.verdict} |")
    return "\n".join(lines)


def save(figures: Sequence[Figure], path: Path) -> None:
    path.write_text(json.dumps([asdict(figure) | {"verdict": figure.verdict} for figure in figures], indent=2))

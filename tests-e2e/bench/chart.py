"""Draws every figure that has a target as a bar: to the right of the line it was reached, to the left missed."""

import math
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from bench.report import Figure, Section, number

_WIDTH, _ROW = 1000, 22
_ONE = 690  # where the line is
_DOUBLE = 45  # how far a factor of two goes
_MOST = 16.0
_TOP = 70
_COLOURS = {"reached": "#2f6fb0", "missed": "#d9822b"}


def chart(sections: Sequence[Section]) -> str:
    """SVG."""
    rows = list(_rows(sections))
    height = _TOP + _ROW * len(rows) + 16
    box = f'viewBox="0 0 {_WIDTH} {height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {box} font-family="sans-serif" font-size="12" fill="#222">',
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
        _text(16, 24, "What part of its target each figure reached", 'font-size="15" font-weight="bold"'),
        _text(16, 42, "The line is the target; to the right of it is better", 'fill="#555"'),
        *_axis(height),
        *(line for place, row in enumerate(rows) for line in _row(row, _TOP + _ROW * place)),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _rows(sections: Iterable[Section]) -> Iterator[str | Figure]:
    """Each section's title, and its figures below it."""
    for section in sections:
        figures = [figure for figure in section.figures if figure.target is not None]
        if figures:
            yield section.title
            yield from figures


def _axis(height: int) -> Iterator[str]:
    for factor, label in ((1 / 16, "1/16"), (1 / 4, "1/4"), (1, "1"), (4, "4"), (16, "16")):
        x, colour = _x(factor), "#222" if factor == 1 else "#ddd"
        yield f'<line x1="{x}" x2="{x}" y1="{_TOP - 14}" y2="{height - 12}" stroke="{colour}"/>'
        yield _text(x, _TOP - 20, label, 'text-anchor="middle"')


def _row(row: str | Figure, y: int) -> list[str]:
    if isinstance(row, str):
        return [_text(16, y + 15, row, 'font-weight="bold"')]
    left, right = sorted((_x(row.attained), _x(1)))
    outside = (left - 6, "end") if row.verdict == "missed" else (right + 6, "start")
    return [
        _text(24, y + 15, row.work, 'font-size="11"'),
        f'<rect x="{left}" y="{y + 4}" width="{max(1, right - left)}" height="14" fill="{_COLOURS[row.verdict]}"/>',
        _text(outside[0], y + 15, f"{number(row.value)} {row.unit}", f'text-anchor="{outside[1]}" font-size="11"'),
    ]


def _x(attained: float) -> int:
    """Logarithmic, and cut off at sixteen times as good or bad."""
    return round(_ONE + _DOUBLE * math.log2(min(max(attained, 1 / _MOST), _MOST)))


def _text(x: int, y: int, words: str, style: str) -> str:
    return f'<text x="{x}" y="{y}" {style}>{escape(words)}</text>'

"""The sections of a run for people: a table in markdown, and the page around it."""

from collections.abc import Sequence

from bench.report import Figure, Section, number

_PAGE = """\
# Benchmarks

One run of `make bench`, which wrote this page and its picture. What counts are the ratios (x): both sides are measured
one right after the other, round by round, and the median of the rounds' ratios is told. What is behind it are the
medians of either side, and the smallest and the largest ratio. Load generators and upstreams use the same cores as what
is measured. How the other proxies are set up stands in [peers.py](../tests-e2e/bench/peers.py).

{machine}

![Every figure that has a target, as the part of it that was reached]({picture})

{table}

The whole run took {minutes:.1f} minutes.
"""
_HEAD = ["| work | measured | to reach | | behind it |", "|---|---|---|---|---|"]


def page(machine: Sequence[str], sections: Sequence[Section], picture: str) -> str:
    minutes = sum(section.seconds for section in sections) / 60
    lines = "\n".join(f"- {line}" for line in machine)
    return _PAGE.format(machine=lines, picture=picture, table=table(sections), minutes=minutes)


def table(sections: Sequence[Section]) -> str:
    lines = list(_HEAD)
    for section in sections:
        lines.append(f"| **{section.title}** ({section.seconds:.0f} s) | | | | |")
        lines += [_line(figure) for figure in section.figures]
        lines += [f"| {one.work} | not measured | | | {one.why} |" for one in section.skipped]
    return "\n".join(lines)


def _line(figure: Figure) -> str:
    target = "" if figure.target is None else f"{'≥' if figure.floor else '≤'} {figure.target:g} {figure.unit}"
    verdict = f"**{figure.verdict}**" if figure.verdict == "missed" else figure.verdict
    return f"| {figure.work} | {number(figure.value)} {figure.unit} | {target} | {verdict} | {figure.behind} |"

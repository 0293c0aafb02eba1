"""What the documents on security name is there: tests, documents, and every requirement of ASVS."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
# How many requirements each section of ASVS 5.0.0 has.
SECTIONS = {
    "5.1": 1, "5.2": 6, "5.3": 3, "5.4": 3,
    "6.1": 3, "6.2": 12, "6.3": 8, "6.4": 6, "6.5": 8, "6.6": 4, "6.7": 2, "6.8": 4,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 3, "7.6": 2,
    "8.1": 4, "8.2": 4, "8.3": 3, "8.4": 2,
    "9.1": 3, "9.2": 4,
    "10.1": 2, "10.2": 3, "10.3": 5, "10.4": 16, "10.5": 5, "10.6": 2, "10.7": 3,
}  # fmt: skip
_NAMED = re.compile(r"`(test_\w+\.py)::(test_\w+)`")
_ROW = re.compile(r"\| (\d+\.\d+\.\d+) \| ([123]) \| [^|]+ \| (met|\*\*not met\*\*|n/a) \| ([^|]+) \|")
# Met because there is no such thing: no test can show it.
_ABSENT = {"6.2.10", "6.4.2"}


@cache
def files_of_tests() -> dict[str, str]:
    """The text of each file of tests by its name, which no other has."""
    found = [
        *ROOT.glob("*/tests/test_*.py"),
        *ROOT.glob("deploy/*/tests/test_*.py"),
        *ROOT.glob("tests-e2e/**/test_*.py"),
    ]
    assert len({path.name for path in found}) == len(found)
    return {path.name: path.read_text() for path in found}


def rows() -> list[tuple[str, str, str, str]]:
    """Number, level, verdict and evidence."""
    return _ROW.findall((DOCS / "asvs.md").read_text())


@pytest.mark.parametrize("document", ["threat-model.md", "asvs.md"])
def test_every_test_that_is_named_is_there(document: str) -> None:
    named = _NAMED.findall((DOCS / document).read_text())
    assert len(named) > 50
    missing = [f"{file}::{name}" for file, name in named if f"def {name}(" not in files_of_tests().get(file, "")]
    assert missing == []


@pytest.mark.parametrize("document", [DOCS / "threat-model.md", DOCS / "asvs.md", ROOT / "SECURITY.md"])
def test_every_document_that_is_linked_is_there(document: Path) -> None:
    for target, _, anchor in re.findall(r"\]\(((?!https?:)[^)#]+)(#([\w-]+))?\)", document.read_text()):
        path = document.parent / target
        assert path.is_file(), target
        headings = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
        assert not anchor or anchor in {re.sub(r"[^\w -]", "", one).lower().replace(" ", "-") for one in headings}


def test_no_requirement_is_left_out() -> None:
    wanted = [f"{section}.{number}" for section, count in SECTIONS.items() for number in range(1, count + 1)]
    assert [number for number, *_ in rows()] == wanted


def test_what_is_met_is_shown_and_the_rest_explained() -> None:
    for number, _, verdict, evidence in rows():
        assert evidence.strip(), number
        if verdict == "met" and number not in _ABSENT:
            assert _NAMED.search(evidence) or re.search(r"\.md[#)]|\.py`", evidence), number


def test_the_counts_are_right() -> None:
    text = (DOCS / "asvs.md").read_text()
    for level in ("1", "2", "3", "all"):
        counted = Counter(verdict for _, of, verdict, _ in rows() if level in {of, "all"})
        figures = [counted["met"], counted["**not met**"], counted["n/a"]]
        assert f"| {level} | {' | '.join(map(str, figures))} |" in text

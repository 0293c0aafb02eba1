"""Names from a server choose no place outside the folder that they are meant for."""

from pathlib import Path

import pytest

from strongroom.client import place_below
from strongroom.client.paths import means_something_to_windows

HOSTILE = ["", ".", "..", "/etc/passwd", "../x", "a/../../x", "a//b", "a/./b", "a\\b", "C:x", "a\0b", "a\nb", "a/", "/"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        place_below(tmp_path, name)


def test_a_link_in_the_way_is_not_followed(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (inside / "a").symlink_to(outside)
    with pytest.raises(ValueError, match="below"):
        place_below(inside, "a/b")


@pytest.mark.parametrize("name", ["q3.pdf", "reports/2026/q3.pdf", "…/naïve name", "a..b", "-rf"])
def test_an_ordinary_name_stays_what_it_is(tmp_path: Path, name: str) -> None:
    assert place_below(tmp_path, name) == tmp_path / name


@pytest.mark.parametrize(
    "name", ["nul", "CON", "com1.txt", "LPT9", "aux .c", "a:b", "a?", "a.", "a ", "CONIN$", "com¹"]
)
def test_what_is_no_file_on_windows_is_known(name: str) -> None:
    assert means_something_to_windows(name)


@pytest.mark.parametrize("name", ["null", "console.log", "com10", "a.nul", ".profile", "a b", "naïve"])
def test_what_only_looks_so_is_a_file_on_windows_too(name: str) -> None:
    assert not means_something_to_windows(name)

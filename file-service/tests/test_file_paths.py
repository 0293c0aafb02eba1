"""Which names a file can have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from file_service.downloads.content_disposition import attachment
from file_service.files.errors import InvalidPath
from file_service.files.paths import parse_path


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/etc/passwd",
        "../../etc/passwd",
        "a/../b",
        "a/./b",
        "a//b",
        "a/",
        ".",
        "..",
        "a\\b",
        "..\\..\\boot.ini",
        "nul\0byte",
        "line\nbreak",
        "tab\tulator",
        "del\x7f",
        "c1\x9f",
        "lone\ud800surrogate",
        "x" * 256,
        "é" * 128,
        "/".join(["x" * 200] * 6),
    ],
)
def test_a_path_that_would_break_something_is_refused(text: str) -> None:
    with pytest.raises(InvalidPath):
        parse_path(text)


@pytest.mark.parametrize("text", ["a", "a/b/c.txt", "...", "..a", " spaced ", "日本語/名.pdf", "x" * 255, "😀", "a:b"])
def test_an_ordinary_path_is_kept_as_it_is(text: str) -> None:
    assert parse_path(text) == text


def test_names_that_look_the_same_are_the_same() -> None:
    assert parse_path("cafe\u0301") == parse_path("caf\u00e9") == "caf\u00e9"


@given(st.text(max_size=40))
def test_an_accepted_path_is_safe_and_stable(text: str) -> None:
    try:
        path = parse_path(text)
    except InvalidPath:
        return
    assert parse_path(path) == path
    assert not {"", ".", ".."} & set(path.split("/"))
    assert path.isascii() or path.encode()
    header = attachment(path.rpartition("/")[2])
    header.encode("ascii")
    assert header.isprintable()

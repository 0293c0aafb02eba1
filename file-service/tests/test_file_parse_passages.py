"""The text of files in passages."""

from typing import NoReturn
from unicodedata import is_normalized

import pytest

from file_service.parsers.passages import LONGEST, MOST, Passages, pieces


class Written:
    """An output that keeps what it is given."""

    def __init__(self) -> None:
        self.passages: list[tuple[int, str]] = []

    def passage(self, page: int, text: str) -> None:
        self.passages.append((page, text))

    def object(self, name: str, content_type: str) -> NoReturn:
        raise AssertionError(name, content_type)


def test_a_text_in_pieces_is_the_same_text() -> None:
    text = "".join(f"word{number} and\tanother\n" for number in range(5_000))
    found = list(pieces(text))
    assert "".join(found) == text
    assert max(map(len, found)) <= LONGEST


def test_words_are_not_cut() -> None:
    assert all(piece.split() == ["strongroom"] * (len(piece) // 11) for piece in pieces("strongroom " * 10_000))


def test_a_text_without_white_space_is_cut_all_the_same() -> None:
    assert list(map(len, pieces("x" * 20_000))) == [LONGEST, LONGEST, 4_000]


def test_what_normalisation_lengthens_is_cut_again() -> None:
    found = list(pieces("\U0001d160" * LONGEST))
    assert list(map(len, found)) == [LONGEST] * 3


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("nul\0and\x1bescape\x9f\tstay\n", "nulandescape\tstay\n"),
        ("one\r\ntwo\rthree\ffour", "one\ntwo\nthree\nfour"),
        ("half \ud83d of a pair", "half \ufffd of a pair"),
        ("cafe\u0301", "café"),
        ("inter\ufffenational", "international"),
    ],
)
def test_pieces_are_fit_for_a_database(text: str, clean: str) -> None:
    assert list(pieces(text)) == [clean]


@pytest.mark.parametrize("text", ["", " \n\t", "\0\0", " " * 20_000])
def test_nothing_to_read_is_no_piece(text: str) -> None:
    assert list(pieces(text)) == []


def test_a_tower_of_accents_does_not_take_for_ever() -> None:
    found = list(pieces("\u0345\u0316" * 50_000))
    assert sum(map(len, found)) == 100_000
    assert all(is_normalized("NFC", piece) for piece in found)


def test_passages_end_at_the_most_that_is_kept() -> None:
    output = Written()
    passages = Passages(output)
    truncated = []
    for page, text in enumerate(["a " * (MOST // 2), "one word more", "and another"], start=1):
        passages.add(page, text)
        truncated.append(passages.truncated)
    assert truncated == [False, True, True]
    assert sum(len(text) for _, text in output.passages) == MOST
    assert {page for page, _ in output.passages} == {1}

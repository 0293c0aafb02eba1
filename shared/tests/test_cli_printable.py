"""What others have named, on its way to a terminal."""

import json

import pytest

from strongroom.cli.printable import visible, visible_in_json

OBEYED = [
    "\x1b[2J",
    "\x07",
    "\r",
    "\n",
    "\x9b31m",
    "\u202e",
    "\u2066",
    "\u200b",
    "\ufeff",
    "\U000e0041",
    "\udc80",
    "\x7f",
]


@pytest.mark.parametrize("text", OBEYED)
def test_nothing_that_a_terminal_obeys_reaches_it(text: str) -> None:
    shown = visible(f"a{text}b")
    assert shown.isprintable()
    assert shown.startswith("a\\")
    assert visible_in_json(json.dumps(f"a{text}b", ensure_ascii=False)).isprintable()


def test_names_of_all_languages_stay_as_they_are() -> None:
    name = "Übung — 名前 (1) 🗂 é.txt"
    assert visible(name) == name


@pytest.mark.parametrize("text", [*OBEYED, "plain", "Ü 🗂", '"\\'])
def test_documents_say_the_same_as_before(text: str) -> None:
    assert json.loads(visible_in_json(json.dumps({"name": text}, ensure_ascii=False))) == {"name": text}

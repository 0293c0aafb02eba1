"""Which language a text is taken for."""

import subprocess
import sys

import pytest

from file_service.parsers.language import language_of
from file_service.parsers.language_tags import tagged_language

GERMAN = "Der schnelle braune Fuchs springt über den faulen Hund, und keiner weiß warum."


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (GERMAN, "de"),
        (GERMAN * 100 + "Le renard brun saute par-dessus le chien paresseux. " * 1000, "de"),
        ("Le renard brun saute par-dessus le chien paresseux et s'en va.", "fr"),
        ("敏捷的棕色狐狸跳过了懒狗然后跑进了森林里去寻找食物那只懒狗还在睡觉什么也没有发现也没有动", "zh"),
        (GERMAN[:40], None),
        ("1234567890 " * 1000, None),
        ("x" * 4000, None),
        ("\ud800" * 4000, None),
        ("", None),
    ],
)
def test_a_language_is_told_where_the_words_say_it(text: str, language: str | None) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("tag", "language"),
    [("en", "en"), ("DE-ch", "de"), ("en_GB", "en"), ("zh-Hant-TW", "zh"), (" fr ", "fr")]
    + [(tag, None) for tag in ("", None, "x", "english", "12", "e\u0301", "en-" + "a" * 100_000, "en;DROP", "zxx")],
)
def test_a_tag_is_followed_if_it_is_one(tag: str | None, language: str | None) -> None:
    assert tagged_language(tag) == language


def test_a_process_that_may_not_write_files_can_still_tell() -> None:
    program = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0));"
        f"from file_service.parsers.language import language_of; print(language_of({GERMAN!r}))"
    )
    told = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=True)
    assert told.stdout == b"de\n"

"""The README's curls give the README's answers."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from page_examples import examples
from page_shell import PageShell
from stack import Stack

README = (Path(__file__).parents[1] / "README.md").read_text()
_PROGRAM = re.compile(r"## In an app\n.*?```python\n(.*?)```", re.DOTALL)


def test_every_example_gives_what_it_says(own_stack: Any, tmp_path: Path) -> None:
    stack: Stack = own_stack().wait_until_ready()
    shown = [example for example in examples(README) if example.shown]
    assert len(shown) >= 10
    ran = PageShell(tmp_path, stack.url, {}).run(shown)
    assert ran.fault is None, ran.fault
    for example, answer in zip(shown, ran.answers, strict=True):
        assert example.shown is not None
        assert example.shown.is_answered_by(answer), f"{example.text}\n{answer}"
    (program,) = _PROGRAM.findall(README)
    program = program.replace("http://127.0.0.1:8080", stack.url)
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True)
    assert (tmp_path / "copy.csv").read_bytes() == (tmp_path / "cities.csv").read_bytes()


def test_the_readme_names_only_what_exists() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (Path(__file__).parents[1] / target).exists(), target


@pytest.mark.parametrize("word", ["up", "test"])
def test_the_two_commands_are_words_of_the_makefile(word: str) -> None:
    assert f"\nmake {word}\n" in README
    makefile = (Path(__file__).parents[1] / "Makefile").read_text()
    assert f"\n{word}:" in makefile

"""The README's curls give the README's answers."""

import csv
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from stack import Stack

README = (Path(__file__).parents[1] / "README.md").read_text()
_EXAMPLES = re.compile(r"```bash\n(.*?)```\n```(json|csv|text)\n(.*?)```", re.DOTALL)
_MARK = "-- next answer --"

# Values that differ from run to run, by the names they stand under; all others must be equal.
_VARYING = {
    *("id", "file_id", "url", "created_at", "updated_at", "time"),
    *("access_token", "refresh_token", "next_cursor", "secret"),
}


def _alike(answer: Any, shown: Any, name: str = "") -> bool:
    if isinstance(shown, dict):
        return (
            isinstance(answer, dict)
            and answer.keys() == shown.keys()
            and all(_alike(answer[key], shown[key], key) for key in shown)
        )
    if isinstance(shown, list):
        return isinstance(answer, list) and len(answer) == len(shown) and all(map(_alike, answer, shown))
    return isinstance(answer, type(shown)) if name in _VARYING else bool(answer == shown)


def _rows(table: str) -> list[dict[str, str]]:
    return list(csv.DictReader(table.splitlines()))


def test_every_example_gives_what_it_says(own_stack: Any, tmp_path: Path) -> None:
    stack: Stack = own_stack().wait_until_ready()
    examples = _EXAMPLES.findall(README)
    assert len(examples) >= 10
    script = f"\necho '{_MARK}'\n".join(commands for commands, _, _ in examples)
    script = script.replace("http://127.0.0.1:8080", stack.url)
    ran = subprocess.run(["bash", "-eu", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    for answer, (commands, kind, shown) in zip(ran.stdout.split(f"{_MARK}\n"), examples, strict=True):
        if kind == "json":
            assert _alike(json.loads(answer), json.loads(shown)), f"{commands}\n{answer}"
        elif kind == "csv":
            assert _alike(_rows(answer), _rows(shown)), f"{commands}\n{answer}"
        else:
            assert answer.strip() == shown.strip(), commands


def test_the_readme_names_only_what_exists() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (Path(__file__).parents[1] / target).exists(), target


@pytest.mark.parametrize("word", ["up", "test"])
def test_the_two_commands_are_words_of_the_makefile(word: str) -> None:
    assert f"\nmake {word}\n" in README
    makefile = (Path(__file__).parents[1] / "Makefile").read_text()
    assert f"\n{word}:" in makefile

"""What README and documentation show of the command line is what it does."""

import re
import subprocess
from pathlib import Path

import pytest
from app_client import App
from command_line import COMMAND, PASSWORD, CommandLine

pytestmark = pytest.mark.heavy  # each command is a process of its own

ROOT = Path(__file__).parents[1]
_BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)


def examples(document: str) -> list[tuple[str, str]]:
    """Each command with what it shows."""
    blocks = "".join(_BLOCK.findall((ROOT / document).read_text()))
    return [(command, shown) for command, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", blocks, re.MULTILINE)]


def looks_like(shown: str) -> re.Pattern[str]:
    """`…` stands for what differs from run to run."""
    return re.compile(re.escape(shown).replace("…", r"\S+"))


@pytest.mark.parametrize("document", ["README.md", "docs/how-to/use-the-command-line.md"])
def test_every_command_shows_what_it_says(document: str, url: str, tmp_path: Path) -> None:
    with App(url) as app:
        app.sign_up()
    line = CommandLine(tmp_path, url)
    if document != "README.md":
        line.sign_in(app.email)
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "strongroom"
    command.write_text(f'#!/bin/sh\nexec {" ".join(COMMAND)} "$@"\n')
    command.chmod(0o755)
    environment = line.environment()
    environment["PATH"] = f"{command.parent}:{environment['PATH']}"
    found = examples(document)
    assert len(found) > 5
    assert PASSWORD in (ROOT / "README.md").read_text()
    for words, shown in found:
        typed = words.replace("ada@example.com", app.email)
        expected = shown.replace("ada@example.com", app.email).replace("http://127.0.0.1:8080", url)
        ran = subprocess.run(
            ["bash", "-c", typed],
            env=environment,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=True,
        )
        assert looks_like("".join(sorted(expected.splitlines(keepends=True)))).fullmatch(
            "".join(sorted(ran.stdout.splitlines(keepends=True)))
        ), f"{typed}\n{ran.stdout}"

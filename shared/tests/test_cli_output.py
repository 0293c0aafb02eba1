"""What commands write where: data, people's words, documents, and how far transfers have got."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console
from rich.progress import Progress

from strongroom.cli.output import Output, encode_all_names
from strongroom.cli.profiles import Profile, Profiles
from strongroom.cli.progress import Bars, Events, transfers


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


class NarrowTerminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


def told(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_with_json_people_are_told_nothing_and_programs_everything() -> None:
    out = Output(json=True, data=io.StringIO(), people=io.StringIO())
    out.note("hello")
    out.item("a line", {"a": 1})
    out.failure("no\x1b[2J", {"event": "error", "message": "no\x1b[2J"})
    assert out.data.getvalue() == '{"a": 1}\n'  # type: ignore[attr-defined]
    assert out.people.getvalue() == '{"event": "error", "message": "no\\u001b[2J"}\n'  # type: ignore[attr-defined]


def test_nothing_that_others_named_is_obeyed_wherever_it_is_written() -> None:
    data, people = Screen(), Screen()
    out = Output(json=False, data=data, people=people)
    out.item("a\x1b[2J\tb\r", {})
    out.note("a\x1b[2J\r")
    out.failure("a\x1b[2J\r", {})
    out.table(("x",), [("a\x1b[2J\r",)])
    assert not {"\x1b", "\r"} & set(data.getvalue() + people.getvalue())
    assert data.getvalue().startswith("a\\x1b[2J\tb\\x0d\n")


def test_a_pipe_gets_tabs_and_a_terminal_columns() -> None:
    rows = [("ada", None, 1), ("b", "x", 22)]
    for stream, expected in ((io.StringIO(), "ada\t\t1\nb\tx\t22\n"), (Screen(), "A    B  C\nada     1\nb    x  22\n")):
        Output(json=False, data=stream, people=io.StringIO()).table("abc", rows)
        assert stream.getvalue() == expected


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_a_pipe_gets_utf8_whatever_is_usual_here(tmp_path: Path, more: list[str]) -> None:
    Profiles(tmp_path / "strongroom" / "profiles").save(Profile("work", "https://a.test", "海@a.test", None, "file"))
    environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path), "PYTHONIOENCODING": "cp1252"}
    command = [sys.executable, "-m", "strongroom.cli", "profiles", *more]
    ended = subprocess.run(command, env=environment, check=True, capture_output=True)
    assert "海@a.test" in ended.stdout.decode()


def test_a_terminal_that_cannot_show_a_name_gets_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", NarrowTerminal(shown, encoding="cp1252"))
    encode_all_names()
    Output.standard(json=False).line("é 海")
    sys.stdout.flush()
    assert shown.getvalue() == b"\xe9 \\u6d77\n"


def test_progress_for_programs_ends_with_all_of_it() -> None:
    people, data = io.StringIO(), io.StringIO()
    events = Events(Output(json=True, data=data, people=people))
    tell = events.began("a\x1b.bin", 100)
    for done in range(101):
        tell(done, None)
    events.ended("a\x1b.bin", "a", {"path": "a\x1b.bin"})
    progress = [one for one in told(people) if one["event"] == "progress"]
    assert progress[-1] == {"event": "progress", "path": "a\x1b.bin", "done": 100, "total": 100}
    assert len(progress) < 50  # not one a call
    assert told(people)[-1] == {"event": "done", "path": "a\x1b.bin"}
    assert told(data) == [{"path": "a\x1b.bin"}]


def test_a_thousand_files_leave_no_bars_behind() -> None:
    screen = Screen()
    out = Output(json=False, data=screen, people=screen)
    progress = Progress(console=Console(file=screen, width=100, height=20, force_terminal=True))
    bars = Bars(out, progress)
    for number in range(1000):
        tell = bars.began(f"{number}.bin", 10)
        tell(10, 10)
        if number % 2:
            bars.failed(f"{number}.bin")
        else:
            bars.ended(f"{number}.bin", f"{number}.bin", {})
    assert progress.tasks == []
    assert screen.getvalue().count(".bin\n") == 500


@pytest.mark.parametrize(("json", "stream"), [(False, io.StringIO()), (True, Screen())], ids=["no terminal", "json"])
def test_bars_are_for_who_sees_them(json: bool, stream: io.StringIO) -> None:
    with transfers(Output(json=json, data=io.StringIO(), people=stream)) as shown:
        assert not isinstance(shown, Bars)

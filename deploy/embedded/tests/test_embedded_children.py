import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from strongroom_embedded import children
from strongroom_embedded.children import Child, Program
from strongroom_embedded.errors import ChildDied, NotReady
from strongroom_embedded.waiting import wait_until_ready


def program(tmp_path: Path, code: str) -> Program:
    return Program("child", [sys.executable, "-c", code], dict(os.environ), tmp_path, tmp_path / "child.log")


def wait_for_text(child: Child, text: str) -> None:
    wait_until_ready(child, lambda: text in child.log_tail(), timeout=20)


DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"


def test_a_child_that_ignores_the_signal_is_killed(tmp_path: Path) -> None:
    child = Child(program(tmp_path, DEAF))
    wait_for_text(child, "deaf")
    child.stop(timeout=0.1)
    assert child.exit_code == -signal.SIGKILL


def test_stopping_twice_is_harmless(tmp_path: Path) -> None:
    child = Child(program(tmp_path, "import time; time.sleep(60)"))
    child.stop(timeout=20)
    child.stop(timeout=20)
    assert child.exit_code == -signal.SIGTERM


def test_a_death_ends_the_wait_and_shows_the_end_of_the_log(tmp_path: Path) -> None:
    child = Child(program(tmp_path, "for n in range(50): print('line', n)\nraise SystemExit(7)"))
    with pytest.raises(ChildDied, match="exit code 7") as died:
        wait_until_ready(child, lambda: False, timeout=20)
    shown = str(died.value).splitlines()[1:]
    assert shown == [f"line {n}" for n in range(30, 50)]


def test_a_child_that_never_answers_is_given_up(tmp_path: Path) -> None:
    child = Child(program(tmp_path, "import time; time.sleep(60)"))
    with pytest.raises(NotReady):
        wait_until_ready(child, lambda: False, timeout=0.1)
    child.stop(timeout=20)


def test_the_tail_is_of_this_run_only(tmp_path: Path) -> None:
    for word in ("earlier", "later"):
        child = Child(program(tmp_path, f"print('{word}')"))
        assert child.wait(timeout=20)
        assert child.log_tail() == word
    assert (tmp_path / "child.log").read_text() == "earlier\nlater\n"


def test_a_large_log_is_set_aside_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "LOG_LIMIT", 3)
    (tmp_path / "child.log").write_text("long")
    child = Child(program(tmp_path, "print('new')"))
    assert child.wait(timeout=20)
    assert (tmp_path / "child.log").read_text() == "new\n"
    assert (tmp_path / "child.log.1").read_text() == "long"


def test_ctrl_c_in_the_terminal_does_not_reach_a_child(tmp_path: Path) -> None:
    child = Child(program(tmp_path, "import time; time.sleep(60)"))
    assert os.getpgid(child.pid) == child.pid
    child.stop(timeout=20)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can tie a child to its parent's life")
def test_a_killed_launcher_leaves_no_child(tmp_path: Path) -> None:
    launcher = f"""
import os, sys, time
from pathlib import Path
from strongroom_embedded.children import Child, Program
here, command = Path({str(tmp_path)!r}), [sys.executable, "-c", "import time; time.sleep(60)"]
print(Child(Program("child", command, dict(os.environ), here, here / "child.log")).pid, flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", launcher], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    assert psutil.wait_procs([child], timeout=20)[1] == []

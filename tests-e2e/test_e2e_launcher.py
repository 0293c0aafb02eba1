"""`make up` in fair weather and foul."""

import signal
import socket
from collections.abc import Callable
from pathlib import Path

import httpx2
import psutil
import pytest
from app_client import PASSWORD, App
from stack import DidNotStart, Stack

pytestmark = pytest.mark.heavy  # each of them starts the whole stack, or several

ROOT = Path(__file__).parents[1]

OwnStack = Callable[..., Stack]


def _gone(processes: list[psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(processes, timeout=20)
    return not alive


def _listening_port(process: psutil.Process) -> int:
    (port,) = (one.laddr.port for one in process.net_connections("tcp") if one.status == psutil.CONN_LISTEN)
    return int(port)


@pytest.mark.parametrize("group", [False, True])
def test_sigterm_to_make_stops_everything(own_stack: OwnStack, tmp_path: Path, group: bool) -> None:
    stack = own_stack(command=["make", "--silent", "-C", str(ROOT), "up"]).wait_until_ready()
    everything = stack.processes()
    assert len(everything) > 6
    stack.stop(signal.SIGTERM, group=group)
    assert _gone(everything)


def test_ctrl_c_stops_everything_in_order_and_the_data_stays(own_stack: OwnStack, tmp_path: Path) -> None:
    stack = own_stack().wait_until_ready()
    with App(stack.url) as app:
        app.sign_up()
        file = app.upload(b"kept")
    everything = stack.processes()
    assert stack.stop(signal.SIGINT) == 0
    assert _gone(everything)

    again = own_stack(stack.data, STRONGROOM_PUBLIC_URL=stack.url).wait_until_ready()
    assert again.url == stack.url
    with App(f"http://127.0.0.1:{_listening_port(again.service('gateway'))}") as later:
        later.sign_in(app.email, PASSWORD)
        assert later.listing() == [file]
        assert b"".join(later.download(file["id"])) == b"kept"


def test_two_stacks_run_side_by_side_and_know_nothing_of_each_other(own_stack: OwnStack, tmp_path: Path) -> None:
    first, second = own_stack(tmp_path / "one"), own_stack(tmp_path / "two")
    first.wait_until_ready()
    second.wait_until_ready()
    with App(first.url) as app, App(second.url) as stranger:
        app.sign_up()
        answer = stranger.http.get("/auth/profile", headers=app.http.headers)
        assert answer.status_code == 401


def test_a_taken_port_is_named(own_stack: OwnStack) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        stack = own_stack(STRONGROOM_PORT=str(port))
        with pytest.raises(DidNotStart, match=rf"{port}[\s\S]*STRONGROOM_PORT"):
            stack.wait_until_ready()
    assert stack.wait() == 1


@pytest.mark.parametrize("victim", ["gateway", "file_service", "auth_service", "weed"])
def test_a_child_that_dies_takes_the_stack_down_with_its_last_words(own_stack: OwnStack, victim: str) -> None:
    stack = own_stack().wait_until_ready()
    everything = stack.processes()
    stack.service(victim).kill()
    assert stack.wait() == 1
    assert _gone(everything)
    assert any("ended by itself, exit code -9" in line for line in stack.output)


def test_a_killed_launcher_leaves_nothing_behind(own_stack: OwnStack) -> None:
    stack = own_stack().wait_until_ready()
    everything = stack.processes()
    everything[0].kill()
    assert _gone(everything)
    again = own_stack(stack.data).wait_until_ready()
    assert httpx2.get(f"{again.url}/health").status_code == 200


def test_the_first_start_makes_an_admin_and_says_so_once(own_stack: OwnStack) -> None:
    stack = own_stack(STRONGROOM_ADMIN_PASSWORD="", STRONGROOM_ADMIN_EMAIL="boss@example.com").wait_until_ready()
    note = stack.data / "admin.txt"
    assert note.stat().st_mode & 0o777 == 0o600
    password = note.read_text().split("password:")[1].strip()
    assert sum(password in line for line in stack.output) == 1
    with App(stack.url) as admin:
        admin.sign_in("boss@example.com", password)
        assert admin.http.get("/auth/users").status_code == 200
    stack.stop()
    again = own_stack(stack.data, STRONGROOM_ADMIN_PASSWORD="").wait_until_ready()
    assert not any(password in line for line in again.output)


def test_it_listens_on_loopback_only(own_stack: OwnStack) -> None:
    stack = own_stack().wait_until_ready()
    addresses = {
        connection.laddr.ip
        for process in stack.processes()
        for connection in process.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }
    assert addresses == {"127.0.0.1"}

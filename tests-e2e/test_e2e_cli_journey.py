"""A journey from a terminal, and the same from a script: sign in, put, be cut off, go on, find, share, throw away."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from app_client import App
from command_line import COMMAND, PASSWORD, CommandLine
from cutting_proxy import Cuts, CuttingProxy
from terminal import COLUMNS, Terminal

_MIB = 1024 * 1024
SIZE = 200 * _MIB
CITIES = "city;people\nUlm;129942\nBern;137995\nRome;2746984\n"
BAR = r"film\.bin .*\d+(\.\d+)?/200(\.0)? MiB.*"

pytestmark = pytest.mark.heavy


@pytest.fixture
def proxy(url: str) -> Iterator[CuttingProxy]:
    """Cuts once after 40 MiB, which nobody is to notice."""
    port = urlsplit(url).port
    assert port is not None
    with CuttingProxy(port, Cuts(every=40 * _MIB, times=1)).listening() as listening:
        yield listening


@pytest.fixture
def strongroom(proxy: CuttingProxy, url: str, tmp_path: Path) -> CommandLine:
    with App(url) as app:
        app.sign_up()
    (tmp_path / "film.bin").write_bytes(bytes(range(256)) * (SIZE // 256))
    (tmp_path / "cities.csv").write_text(CITIES)
    return CommandLine(tmp_path, f"http://{proxy.address}", app.email)


def in_terminal(line: CommandLine, *words: str, **more: str) -> Terminal:
    return Terminal([*COMMAND, *words], line.environment(**more), line.home)


def shown(line: CommandLine, *words: str) -> str:
    terminal = in_terminal(line, *words)
    assert terminal.end() == 0, terminal.seen
    return terminal.seen


def test_in_a_terminal(strongroom: CommandLine, proxy: CuttingProxy, tmp_path: Path) -> None:
    sign_in = in_terminal(strongroom, "login", "--password")
    sign_in.wait_for("Email: ")
    sign_in.type(f"{strongroom.email}\n")
    sign_in.wait_for("Password: ")
    sign_in.type(f"{PASSWORD}\n")
    assert sign_in.end() == 0
    assert "Signed in to" in sign_in.seen
    assert PASSWORD not in sign_in.seen

    cut = in_terminal(strongroom, "put", "film.bin", "films/")
    proxy.wait_until_sent(SIZE // 2)
    bar = cut.wait_for(BAR).group()
    assert len(bar.rstrip()) <= COLUMNS
    assert "/s" in cut.wait_for(rf"{BAR}MB/s|{BAR}MiB/s").group()
    cut.interrupt()
    assert cut.end() == 130
    assert cut.seen.rstrip().endswith("strongroom: Interrupted. Run the same command again to go on where it was.")
    assert "Traceback" not in cut.seen
    assert proxy.cuts == 1

    again = shown(strongroom, "put", "film.bin", "films/")
    assert re.search(r"200(\.0)?/200(\.0)? MiB", again)
    assert "films/film.bin" in again
    assert proxy.sent < SIZE * 1.3  # what had arrived was not sent again

    shown(strongroom, "put", "cities.csv")
    assert shown(strongroom, "ls").split() == ["films/", "cities.csv"]
    table = shown(strongroom, "rows", "cities.csv", "--where", "people > 130000", "--order-by=-people")
    assert re.search(r"city\s+people", table)
    assert re.search(r"Rome\s+2746984\s+Bern\s+137995", table)
    assert "cities.csv" in shown(strongroom, "search", "cities")
    link = shown(strongroom, "share", "cities.csv", "--expires", "7d").strip()
    assert httpx2.get(link, trust_env=False).text == CITIES
    assert "cities.csv" in shown(strongroom, "rm", "cities.csv")
    assert httpx2.get(link, trust_env=False).status_code == 404
    assert "cities.csv" in shown(strongroom, "restore", "cities.csv")
    (tmp_path / "film.bin").rename(tmp_path / "before.bin")
    shown(strongroom, "get", "films/film.bin")
    assert (tmp_path / "film.bin").read_bytes() == (tmp_path / "before.bin").read_bytes()
    assert "Signed out" in shown(strongroom, "logout")
    after = in_terminal(strongroom, "ls")
    assert after.end() == 3
    assert "strongroom login" in after.seen


def test_in_a_script(strongroom: CommandLine, proxy: CuttingProxy, tmp_path: Path) -> None:
    email = strongroom.email
    signed_in = strongroom.ok("login", "--json", "--email", email, "--password-stdin", stdin=f"{PASSWORD}\n")
    assert signed_in.documents[0]["email"] == email
    assert PASSWORD not in signed_in.out + signed_in.err

    cut = in_terminal(strongroom, "put", "film.bin", "films/", "--json")
    proxy.wait_until_sent(SIZE // 2)
    cut.interrupt()
    assert cut.end() == 130
    assert '"error": "interrupted"' in cut.seen
    again = strongroom.ok("put", "film.bin", "films/", "--json")
    (put,) = again.documents
    assert (put["path"], put["size"], put["outcome"]) == ("films/film.bin", SIZE, "created")
    progress = [one for one in again.told if one["event"] == "progress"]
    assert progress[0]["done"] > SIZE // 4
    assert (progress[-1]["done"], progress[-1]["total"]) == (SIZE, SIZE)
    assert proxy.sent < SIZE * 1.3

    strongroom.ok("put", "cities.csv", "--json")
    listed = strongroom.ok("ls", "--json").documents
    assert [(one["type"], one["path"]) for one in listed] == [("folder", "films"), ("file", "cities.csv")]
    rows = strongroom.ok("rows", "cities.csv", "--json", "--where", "people > 130000", "--order-by=-people").documents
    assert rows == [{"city": "Rome", "people": 2746984}, {"city": "Bern", "people": 137995}]
    assert [one["path"] for one in strongroom.ok("search", "cities", "--json").documents] == ["cities.csv"]
    (link,) = strongroom.ok("share", "cities.csv", "--json", "--max-downloads", "1").documents
    assert httpx2.get(link["url"], trust_env=False).text == CITIES
    assert httpx2.get(link["url"], trust_env=False).status_code == 404
    strongroom.ok("rm", "cities.csv", "--json")
    assert [one["path"] for one in strongroom.ok("ls", "--trash", "--json").documents] == ["cities.csv"]
    strongroom.ok("restore", "cities.csv", "--json")
    strongroom.ok("logout", "--json")
    refused = strongroom("ls", "--json")
    assert (refused.code, refused.out, refused.told[0]["error"]) == (3, "", "signed-out")

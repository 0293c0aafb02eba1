"""The console as it is served: what browsers may keep, and what the page may do."""

import gzip
import re
import shutil
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx2
import pytest

from gateway.console import pages
from gateway.console.assets import read

Gateway = Callable[..., Awaitable[str]]

NOBODY = "http://127.0.0.1:1"
ASSETS = Path(pages.__file__).parent / "assets"
MODULES = sorted(ASSETS.rglob("*.js"))
NODE = shutil.which("node")
PARSE = """
const { readFileSync } = require("node:fs");
const { SourceTextModule } = require("node:vm");
for (const identifier of process.argv.slice(1)) new SourceTextModule(readFileSync(identifier, "utf8"), { identifier });
"""
# What makes markup or code out of text, and what would keep a token where another script finds it.
FORBIDDEN = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|\beval\(|new Function|setHTML"
    r"|style=|sessionStorage|javascript:"
)
IMPORT = re.compile(r"(?:from|import\()\s*\"([^\"]+)\"")


@pytest.fixture
async def page(gateway: Gateway, http: httpx2.AsyncClient) -> httpx2.Response:
    return await http.get(f"{await gateway(NOBODY)}/")


def addresses_in(page: httpx2.Response) -> list[str]:
    return re.findall(r'(?:src|href)="([^"]+)"', page.text)


async def test_the_page_is_asked_for_anew_and_its_files_are_kept(
    page: httpx2.Response, http: httpx2.AsyncClient
) -> None:
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-cache"
    files = [one for one in addresses_in(page) if one.startswith("console/")]
    assert files
    for address in files:
        file = await http.get(page.url.join(address))
        assert file.status_code == 200, address
        assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert file.headers["x-content-type-options"] == "nosniff"


async def test_every_address_on_the_page_is_relative(page: httpx2.Response) -> None:
    assert addresses_in(page)
    assert not [one for one in addresses_in(page) if one.startswith("/") or ":" in one]


async def test_the_page_runs_nothing_but_its_own_modules(page: httpx2.Response) -> None:
    policy = dict(part.strip().partition(" ")[::2] for part in page.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["worker-src"] == "'none'"  # left out, it is as script-src
    assert policy["require-trusted-types-for"] == "'script'"
    assert policy["trusted-types"] == "'none'"
    assert "unsafe" not in page.headers["content-security-policy"]
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=", page.text)


async def test_what_has_not_changed_is_not_sent_again(page: httpx2.Response, http: httpx2.AsyncClient) -> None:
    again = await http.get(page.url, headers={"If-None-Match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["content-security-policy"] == page.headers["content-security-policy"]
    plain = await http.get(page.url, headers={"If-None-Match": page.headers["etag"], "Accept-Encoding": "identity"})
    assert plain.status_code == 200  # the other form of it is another thing


@pytest.mark.parametrize(
    ("accepted", "coding"), [("gzip, br", "gzip"), ("GZIP;q=0.5", "gzip"), ("gzip;q=0", None), ("identity", None)]
)
async def test_it_is_compressed_for_whom_it_may_be(
    page: httpx2.Response, http: httpx2.AsyncClient, accepted: str, coding: str | None
) -> None:
    answer = await http.get(page.url, headers={"Accept-Encoding": accepted})
    assert answer.headers.get("content-encoding") == coding
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.text == page.text


async def test_a_head_tells_what_a_get_would(page: httpx2.Response, http: httpx2.AsyncClient) -> None:
    head = await http.head(page.url)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == page.headers["etag"]
    assert head.headers["content-length"] == page.headers["content-length"]


@pytest.mark.parametrize(
    "name", ["nothing.js", "../pages.py", "..%2Fpages.py", "%2e%2e/pages.py", "index.html", "", "pages/", "style.css/"]
)
async def test_what_the_console_does_not_have_is_a_problem(
    page: httpx2.Response, http: httpx2.AsyncClient, name: str
) -> None:
    folder = next(one for one in addresses_in(page) if one.startswith("console/")).split("/")[1]
    answer = await http.get(f"{page.url}console/{folder}/{name}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_the_files_of_another_version_are_not_found_and_that_is_not_kept(
    page: httpx2.Response, http: httpx2.AsyncClient
) -> None:
    answer = await http.get(f"{page.url}console/{'0' * 20}/main.js")
    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"


async def test_it_can_be_switched_off(gateway: Gateway, http: httpx2.AsyncClient) -> None:
    origin = await gateway(NOBODY, console=False)
    answer = await http.get(f"{origin}/")
    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:problem-type:strongroom:not-found"


def test_another_file_is_another_version(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text('<script src="assets/main.js"></script>')
    (tmp_path / "main.js").write_text("1")
    before = read(tmp_path)
    (tmp_path / "main.js").write_text("2")
    (tmp_path / "notes.txt").write_text("not served")
    after = read(tmp_path)
    assert before.version != after.version
    assert f"console/{after.version}/main.js".encode() in gzip.decompress(after.index.compressed)
    assert set(after.files) == {"main.js"}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(ASSETS).as_posix())
def test_a_module_makes_no_markup_of_text_and_asks_no_other_host(module: Path) -> None:
    text = module.read_text()
    assert not FORBIDDEN.search(text)
    assert not re.search(r"https?://(?!www\.w3\.org/)", text)
    assert len(text.splitlines()) < 200
    for imported in IMPORT.findall(text):
        assert (module.parent / imported).is_file(), imported


def test_the_page_preloads_what_its_first_module_needs() -> None:
    needed, left = set[Path](), [ASSETS / "main.js"]
    while left:
        module = left.pop()
        needed.add(module)
        statically = re.findall(r"from \"([^\"]+)\"", module.read_text())
        left += [found for one in statically if (found := (module.parent / one).resolve()) not in needed]
    named = set(re.findall(r'"assets/([^"]+\.js)"', (ASSETS / "index.html").read_text()))
    assert {path.relative_to(ASSETS).as_posix() for path in needed} <= named  # and what almost every page needs


@pytest.mark.skipif(not NODE, reason="node is needed to check the modules' syntax, and was not found")
def test_the_modules_are_well_formed() -> None:
    command = [str(NODE), "--experimental-vm-modules", "--no-warnings", "-e", PARSE, *map(str, MODULES)]
    checked = subprocess.run(command, capture_output=True, check=False)
    assert checked.returncode == 0, checked.stderr.decode()

"""The documentation's site is built without a warning, has what the code says, and asks nobody else for anything."""

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser, Route

pytestmark = pytest.mark.heavy  # the whole site is built

ROOT = Path(__file__).parents[1]
# What a browser fetches by itself. Links are for people to follow.
_FETCHED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src", "object": "data"}
_IN_CSS = re.compile(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)")


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.text = ""
        self.feed(text)

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if "id" in found:
            self.ids.add(found["id"])
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if tag in _FETCHED and _FETCHED[tag] in found:
            self.fetched.append(found[_FETCHED[tag]])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as `make docs` does, elsewhere."""
    folder = tmp_path_factory.mktemp("site")
    words = ["--quiet", "--jobs", "auto", "--fail-on-warning", "--keep-going", "--nitpicky"]
    places = [folder / "doctrees", ROOT / "docs", folder / "html"]
    command = [sys.executable, "-m", "sphinx", *words, "-d", *map(str, places)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return folder / "html"


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, _Page]:
    return {path: _Page(path.read_text()) for path in site.rglob("*.html")}


def test_no_page_fetches_anything_from_another_host(site: Path, pages: dict[Path, _Page]) -> None:
    fetched = [address for page in pages.values() for address in page.fetched]
    assert len(fetched) > len(pages)
    fetched += [one or other for css in site.rglob("*.css") for one, other in _IN_CSS.findall(css.read_text())]
    assert [address for address in fetched if urlsplit(address).netloc or address.startswith("//")] == []


def test_every_link_leads_to_a_page_and_a_place_in_it(pages: dict[Path, _Page]) -> None:
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.exists(), f"{path}: {link}"
            if parts.fragment and target in pages:
                assert unquote(parts.fragment) in pages[target].ids, f"{path}: {link}"


def test_the_reference_has_calls_settings_refusals_and_events(pages: dict[Path, _Page]) -> None:
    text = {path.stem: page.text for path, page in pages.items() if path.parent.name == "generated"}
    assert "POST /auth/token" in text["api-tokens"]
    assert "GET /files/{file_id}/download" in text["api-downloads"]
    assert "STRONGROOM_TRASH_DAYS" in text["settings"]
    assert "email-taken" in text["errors"]
    assert "email-taken" in text["api-accounts"]
    assert "link.created" in text["events"]
    assert "TokenVerifier" in text["python-services"]
    assert "QuotaExceeded 507" in text["python-apps"]
    assert "strongroom admin jobs" in text["command-line"]


def _answered(route: Route) -> None:
    """Files of the site, and whatever else is asked for is noted by being refused."""
    if route.request.url.startswith("file:"):
        route.continue_()
    else:
        route.abort()


@pytest.fixture(scope="module")
def asked(site: Path, browser: Browser) -> tuple[str, list[str]]:
    """What a search from a folder on a disk shows, and everything that was fetched for it."""
    fetched: list[str] = []
    page = browser.new_page()
    page.route("**/*", _answered)
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(f"{(site / 'search.html').as_uri()}?q=revocation")
    page.wait_for_selector("#search-results li")
    return page.inner_text("#search-results"), fetched


def test_search_works_from_a_folder_without_a_network(asked: tuple[str, list[str]]) -> None:
    shown, fetched = asked
    assert "Tokens and revocation" in shown
    assert [url for url in fetched if not url.startswith("file:")] == []


def test_the_search_index_has_the_words_of_the_pages(site: Path) -> None:
    index = (site / "searchindex.js").read_text()
    found = json.loads(index.removeprefix("Search.setIndex(").rstrip(")"))
    assert "explanation/tokens" in found["docnames"]
    assert any(term.startswith("revoc") for term in found["terms"])

"""One person's way through the console: a file up over a bad connection, looked at, shared, deleted, back again."""

import os
from collections.abc import Iterator
from hashlib import file_digest
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from app_client import PASSWORD, App
from console_uploads import Dock, Sent, conditions, slowly, watched
from console_window import Window, pictures_folder
from cutting_proxy import Cuts, CuttingProxy
from PIL import Image
from playwright.sync_api import Browser, CDPSession, Locator, Page, expect

pytestmark = pytest.mark.heavy

MIB = 1024 * 1024
WIDTH, HEIGHT = 8192, 8534  # a photograph of 200 MiB, since noise does not get smaller
EMAIL = f"{uuid4().hex}@example.com"


@pytest.fixture(scope="module")
def photograph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("camera") / "harbour.png"
    Image.frombytes("RGB", (WIDTH, HEIGHT), os.urandom(WIDTH * HEIGHT * 3)).save(file, compress_level=0)
    assert file.stat().st_size > 200 * MIB
    return file


@pytest.fixture
def proxy(url: str) -> Iterator[CuttingProxy]:
    """Breaks the connection once, after a quarter of it."""
    port = urlsplit(url).port
    assert port is not None
    with CuttingProxy(port, Cuts(every=60 * MIB, times=1)).listening() as proxy:
        yield proxy


@pytest.fixture
def bad(browser: Browser, proxy: CuttingProxy, javascript: Path, tmp_path: Path) -> Iterator[Window]:
    """A browser behind that connection."""
    axe = (javascript / "node_modules/axe-core/axe.min.js").read_text()
    window = Window(browser, f"http://{proxy.address}", axe, pictures_folder(tmp_path))
    yield window
    window.close()
    # That there was no connection is what browsers write about, and what this is about.
    assert [fault for fault in window.faults if "net::ERR_" not in fault and "WebSocket connection" not in fault] == []


def test_a_photograph_goes_all_the_way(
    bad: Window, url: str, photograph: Path, proxy: CuttingProxy, browser: Browser
) -> None:
    expected = digest(photograph)
    page = bad.page
    register(bad)
    with watched(bad) as sent:
        upload(bad, photograph)
    assert proxy.cuts == 1
    bytes_are_sent_about_once(sent, proxy, photograph.stat().st_size)

    with App(url) as app:
        app.sign_in(EMAIL, PASSWORD)
        (file,) = app.listing()
        assert (file["path"], file["sha256"]) == (photograph.name, expected)

    look(bad, photograph.name)
    link = share(bad, photograph.name)
    assert digest(fetched(browser, link)) == expected

    row(page, photograph.name).get_by_role("button", name="What to do with").click()
    page.get_by_role("menuitem", name="To the trash").click()
    bad.told(f"“{photograph.name}” is in the trash")
    expect(row(page, photograph.name)).to_have_count(0)
    bad.open("trash", "Trash")
    row(page, photograph.name).get_by_role("checkbox").check()
    page.get_by_role("toolbar").get_by_role("button", name="Restore").click()
    expect(row(page, photograph.name)).to_have_count(0)
    bad.open("files", "Files")
    expect(row(page, photograph.name)).to_be_visible()
    with page.expect_download() as kept:
        row(page, photograph.name).get_by_role("button", name="What to do with").click()
        page.get_by_role("menuitem", name="Download").click()
    assert digest(kept.value.path()) == expected


def register(window: Window) -> None:
    page = window.page
    page.goto(f"{window.url}/#/register")
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible()


def upload(window: Window, file: Path) -> None:
    """With no connection at all for a while, and with one that breaks; the page's memory does not grow."""
    page, dock = window.page, Dock(window)
    network = slowly(window, 30 * MIB)
    before = heap(network)
    with page.expect_file_chooser() as asked:
        page.get_by_role("button", name="Upload").first.click()
        page.get_by_role("menuitem", name="Files").click()
    asked.value.set_files(str(file))
    dock.past(file.name, 50)
    conditions(network, offline=True)
    expect(dock.row(file.name)).to_contain_text("Waiting for the connection")
    page.screenshot(path=window.pictures / "journey-no-connection.png")
    during = heap(network)
    conditions(network)
    dock.state(file.name, "done", within=120)
    assert max(during, heap(network)) - before < 10 * MIB
    expect(row(page, file.name)).to_be_visible()


def bytes_are_sent_about_once(sent: Sent, proxy: CuttingProxy, size: int) -> None:
    """What the network had swallowed when it broke is sent again, and nothing else."""
    assert sent.created == 1
    assert sent.count(0) == 1
    assert proxy.sent < size + 2 * 16 * MIB


def heap(session: CDPSession) -> float:
    """Bytes that the page's scripts hold."""
    session.send("HeapProfiler.collectGarbage")
    return float(session.send("Runtime.getHeapUsage")["usedSize"])


def look(window: Window, name: str) -> None:
    picture = window.dialog.get_by_role("img", name=name)
    still = window.dialog.get_by_text("This is still being made")
    for _ in range(5):  # a picture of that size takes a busy machine longer than the page waits
        row(window.page, name).get_by_role("link", name=name).click()
        expect(picture.or_(still)).to_be_visible(timeout=90_000)
        if picture.is_visible():
            break
        window.dialog.get_by_role("button", name="Close").click()
    assert picture.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") > 500
    window.judge("journey-preview")
    window.dialog.get_by_role("button", name="Close").click()


def share(window: Window, name: str) -> str:
    row(window.page, name).get_by_role("button", name="What to do with").click()
    window.page.get_by_role("menuitem", name="Share …").click()
    window.answer("Make a link")
    link = window.dialog.get_by_label("Link", exact=True).input_value()
    window.dialog.get_by_role("button", name="Close").click()
    return link


def fetched(browser: Browser, link: str) -> Path:
    """What somebody signed out gets there."""
    stranger = browser.new_context(accept_downloads=True)
    page = stranger.new_page()
    page.goto(link)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    return Path(download.value.path())


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


def digest(file: Path) -> str:
    with file.open("rb") as source:
        return file_digest(source, "sha256").hexdigest()

"""A folder of a hundred thousand files is scrolled through in the web console, in memory that stays as it was."""

from collections.abc import Callable
from itertools import count

import pytest
from app_client import PASSWORD, App
from console_window import Window
from many_files import fill_folder
from playwright.sync_api import Page, expect
from stack import Stack

pytestmark = pytest.mark.heavy

Open = Callable[[], Window]
COUNT = 100_000
_HEIGHT = "document.querySelector('.scroller').scrollHeight"
# The first row that is wholly seen, and where it stands.
_FIRST = """() => {
    const scroller = document.querySelector('.scroller');
    const top = scroller.getBoundingClientRect().top + scroller.querySelector('.head').offsetHeight;
    const seen = [...scroller.querySelectorAll('.item')].filter((one) => one.getBoundingClientRect().top >= top - 1)
        .sort((one, other) => one.getBoundingClientRect().top - other.getBoundingClientRect().top);
    return [seen[0]?.querySelector('.title')?.textContent, Math.round(seen[0]?.getBoundingClientRect().top)];
}"""


class Memory:
    """What the page holds, once what can be let go is gone."""

    def __init__(self, page: Page) -> None:
        self._debugger = page.context.new_cdp_session(page)
        self._debugger.send("HeapProfiler.enable")

    def heap(self) -> int:
        for _ in range(2):
            self._debugger.send("HeapProfiler.collectGarbage")
        return int(self._debugger.send("Runtime.getHeapUsage")["usedSize"])

    def nodes(self) -> int:
        return int(self._debugger.send("Memory.getDOMCounters")["nodes"])


@pytest.fixture
def own(window: Open, app: App, embedded: Stack) -> Window:
    """The browser of somebody with that folder, and a few files of it."""
    owner = app.http.get("/auth/profile").json()["id"]
    fill_folder(embedded, owner, "many", COUNT)
    own = window().signed_in(app.email, PASSWORD)
    own.open("files/many", "many")
    expect(own.page.get_by_role("link", name="file-000001.txt")).to_be_visible()
    return own


def settled(page: Page) -> None:
    """All rows that are near are here."""
    expect(page.locator(".item").first).to_be_attached()
    expect(page.locator(".item.absent")).to_have_count(0, timeout=120_000)


def scroll_to(page: Page, share: float) -> None:
    page.evaluate(f"document.querySelector('.scroller').scrollTop = ({_HEIGHT}) * {share}")
    page.wait_for_function(
        "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
    )
    settled(page)


def test_a_hundred_thousand_files_scroll_in_memory_that_stays_flat(own: Window) -> None:
    page = own.page
    memory = Memory(page)
    settled(page)
    start, nodes = memory.heap(), memory.nodes()

    page.locator(".item").first.focus()
    page.keyboard.press("End")
    expect(page.get_by_role("link", name=f"file-{COUNT:06}.txt")).to_be_visible(timeout=120_000)
    expect(page.get_by_role("grid")).to_have_attribute("aria-rowcount", str(COUNT + 1))
    expect(page.locator(".item").last).to_be_focused()
    heaps = [memory.heap()]

    for hundredth in range(98, -1, -2):
        scroll_to(page, hundredth / 100)
        if hundredth == 50:
            heaps.append(memory.heap())
            expect(page.get_by_role("link", name=f"file-{COUNT // 2:06}.txt")).to_be_attached()
    heaps.append(memory.heap())
    expect(page.get_by_role("link", name="file-000001.txt")).to_be_visible()

    assert page.locator(".item").count() < 60
    assert memory.nodes() < 1.5 * nodes, (nodes, memory.nodes())
    print("heap:", start, heaps, "nodes:", nodes, memory.nodes())
    # At the start a hundred items are held, later as many as ever are.
    assert max(heaps) < 1.5 * heaps[0], (start, heaps)
    assert max(heaps) < 2 * start, (start, heaps)


def test_the_scrollbar_leads_to_the_end_in_a_few_leaps(own: Window) -> None:
    page = own.page
    for leaps in count():
        if page.get_by_role("grid").get_attribute("aria-rowcount") != "-1":
            break
        assert leaps < 20
        scroll_to(page, 1)
    scroll_to(page, 1)
    expect(page.get_by_role("link", name=f"file-{COUNT:06}.txt")).to_be_visible()


def test_what_changes_elsewhere_does_not_move_what_is_looked_at(own: Window, app: App) -> None:
    page = own.page
    scroll_to(page, 0.9)
    before = page.evaluate(_FIRST)
    assert before[0] is not None
    app.upload(b"new", path="many/file-000000.txt")
    number = int(before[0][5:11])
    near = app.upload(b"new", path=f"many/file-{number + 2:06}a.txt")
    expect(page.get_by_role("link", name=f"file-{number + 2:06}a.txt")).to_be_visible()
    assert page.evaluate(_FIRST) == before
    assert app.http.delete(f"/files/{near['id']}").status_code == 204
    expect(page.get_by_role("link", name=f"file-{number + 2:06}a.txt")).to_have_count(0)
    assert page.evaluate(_FIRST) == before
    scroll_to(page, 0)
    expect(page.get_by_role("link", name="file-000000.txt")).to_be_visible()


def test_a_grid_of_as_many_is_as_small(own: Window) -> None:
    page = own.page
    page.get_by_role("button", name="As a grid").click()
    expect(page.locator(".tile").first).to_be_visible()
    scroll_to_tile = "document.querySelector('.scroller').scrollTop = document.querySelector('.scroller').scrollHeight"
    for _ in range(3):
        page.evaluate(scroll_to_tile)
        expect(page.locator(".tile.absent")).to_have_count(0, timeout=60_000)
    assert page.locator(".tile").count() < 200

"""People work with their files in the web console."""

import re
from collections.abc import Callable
from io import BytesIO
from urllib.parse import quote

import httpx2
import pytest
from app_client import PASSWORD, App
from console_window import Window
from PIL import Image
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.heavy

Open = Callable[[], Window]
HOSTILE = "<img src=x onerror=\"document.title='owned'\">"
READ = 60_000  # milliseconds until what is inside a file was read, at the most


@pytest.fixture
def own(window: Open, app: App) -> Window:
    return window().signed_in(app.email, PASSWORD)


def names(page: Page) -> list[str]:
    return page.locator(":is(.item, .tile) .title").all_inner_texts()


def lists(page: Page, *wanted: str) -> None:
    expect(page.locator(":is(.item, .tile) .title")).to_have_text(list(wanted))


def do(page: Page, name: str, deed: str) -> None:
    page.get_by_role("button", name=f"What to do with {name}", exact=True).click()
    page.get_by_role("menuitem", name=deed).click()


def picture(colour: str = "teal") -> bytes:
    kept = BytesIO()
    Image.new("RGB", (900, 600), colour).save(kept, "PNG")
    return kept.getvalue()


def pdf(pages: int) -> bytes:
    kept = BytesIO()
    sheets = [Image.new("RGB", (300, 400), (200, 40 * number, 90)) for number in range(pages)]
    sheets[0].save(kept, "PDF", save_all=True, append_images=sheets[1:])
    return kept.getvalue()


def test_nothing_that_comes_with_a_file_becomes_markup(own: Window, app: App) -> None:
    name = f"{HOSTILE}.csv"
    table = f'{HOSTILE.replace(chr(34), chr(39))},city\n"{HOSTILE.replace(chr(34), chr(34) * 2)}",Ulm\n'
    file = app.http.put(f"/files/raw/{quote(name)}", content=table)
    assert file.status_code == 201, file.text
    app.http.patch(f"/files/{file.json()['id']}", json={"tags": [HOSTILE]})
    app.upload(f"a lantern {HOSTILE}".encode(), path="words.txt")
    page = own.open("files", "Files")
    lists(page, name, "words.txt")
    expect(page.get_by_role("link", name=HOSTILE, exact=True)).to_be_visible()
    page.get_by_role("link", name=name, exact=True).click()
    expect(own.dialog.get_by_role("cell", name=HOSTILE, exact=True)).to_be_visible(timeout=READ)
    page.keyboard.press("Escape")
    page.get_by_role("link", name="words.txt").click()
    expect(own.dialog.get_by_text(f"a lantern {HOSTILE}")).to_be_visible(timeout=READ)
    page.keyboard.press("Escape")
    page.get_by_label("Search").fill("lantern")
    lists(page, "words.txt")
    assert page.locator("img[src=x]").count() == 0
    assert "owned" not in page.title()


def test_a_list_has_folders_first_and_is_sorted_by_its_columns(own: Window, app: App) -> None:
    app.upload(b"1", path="b.txt")
    app.upload(b"22222", path="a.txt")
    app.upload(b"333", path="C.txt")
    app.upload(b"4", path="zebra/inside.txt")
    page = own.open("files", "Files")
    lists(page, "zebra", "a.txt", "b.txt", "C.txt")
    page.get_by_role("button", name="Size").click()
    lists(page, "zebra", "a.txt", "C.txt", "b.txt")
    assert "sort=-size" in page.url
    expect(page.get_by_role("columnheader", name="Size")).to_have_attribute("aria-sort", "descending")
    page.reload()
    lists(page, "zebra", "a.txt", "C.txt", "b.txt")
    own.judge("files-list")
    page.get_by_role("button", name="As a grid").click()
    expect(page.locator(".tile")).to_have_count(4)
    page.get_by_role("link", name="zebra", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="zebra")).to_be_visible()
    lists(page, "inside.txt")
    page.get_by_role("navigation", name="Folders above").get_by_role("link", name="Files").click()
    expect(page.locator(".tile")).to_have_count(4)


def test_the_keyboard_alone_is_enough(own: Window, app: App) -> None:
    for name in ("a", "b", "c", "d"):
        app.upload(name.encode(), path=f"{name}.txt")
    page = own.open("files", "Files")
    lists(page, "a.txt", "b.txt", "c.txt", "d.txt")
    page.locator(".item").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowDown")
    expect(page.get_by_role("toolbar")).to_contain_text("2 items")
    page.keyboard.press("Delete")
    own.told("2 items are in the trash")
    lists(page, "a.txt", "d.txt")
    page.get_by_role("button", name="Undo").click()
    lists(page, "a.txt", "b.txt", "c.txt", "d.txt")
    page.keyboard.press("Escape")
    page.locator(".item").first.focus()
    page.keyboard.press("F2")
    expect(own.dialog.get_by_role("heading", name="Rename the file")).to_be_visible()
    own.judge("files-rename")
    own.answer("Rename", Name="d.txt")
    expect(own.dialog.get_by_role("alert")).not_to_be_empty()
    own.answer("Rename", Name="e.txt")
    lists(page, "b.txt", "c.txt", "d.txt", "e.txt")
    page.keyboard.press("/")
    expect(page.get_by_label("Search")).to_be_focused()
    page.locator(".item").first.focus()
    page.keyboard.press("?")
    expect(own.dialog.get_by_role("heading", name="Keys")).to_be_visible()
    own.judge("files-keys")


def test_files_are_moved_copied_and_tagged(own: Window, app: App) -> None:
    app.upload(b"1", path="one.txt")
    app.upload(b"2", path="letters/two.txt")
    page = own.open("files", "Files")
    do(page, "one.txt", "Copy to")
    own.judge("files-folder-picker")
    own.answer("Copy here")
    lists(page, "letters", "one (copy).txt", "one.txt")
    do(page, "one.txt", "Move")
    own.dialog.get_by_role("button", name="letters", exact=True).click()
    own.dialog.get_by_label("New folder in it").fill("old")
    own.answer("Move here")
    lists(page, "letters", "one (copy).txt")
    assert sorted(one["path"] for one in app.listing()) == ["letters/old/one.txt", "letters/two.txt", "one (copy).txt"]
    do(page, "one (copy).txt", "Tags")
    own.answer("Save", Tags="blue, tax 2026")
    page.get_by_role("link", name="tax 2026").click()
    expect(page.get_by_role("heading", level=1, name="Tagged tax 2026")).to_be_visible()
    lists(page, "one (copy).txt")
    page = own.open("files", "Files")
    do(page, "letters", "Rename")
    own.answer("Rename", Name="mail")
    lists(page, "mail", "one (copy).txt")
    do(page, "mail", "trash")
    lists(page, "one (copy).txt")
    page.get_by_role("button", name="Undo").click()
    lists(page, "mail", "one (copy).txt")
    assert len(app.listing()) == 3


def test_what_others_do_shows_by_itself(own: Window, app: App) -> None:
    page = own.open("files", "Files")
    expect(page.get_by_text("Nothing is here yet")).to_be_visible()
    own.judge("files-empty")
    file = app.upload(b"1", path="new.txt")
    lists(page, "new.txt")
    app.http.patch(f"/files/{file['id']}", json={"filename": "newer.txt"})
    lists(page, "newer.txt")
    app.http.delete(f"/files/{file['id']}")
    expect(page.get_by_text("Nothing is here yet")).to_be_visible()


def test_a_new_folder_is_there_before_anything_is_in_it(own: Window) -> None:
    page = own.open("files", "Files")
    page.get_by_role("button", name="New folder").click()
    own.answer("Make", Name="plans")
    expect(page.get_by_role("heading", level=1, name="plans")).to_be_visible()
    page.get_by_role("navigation", name="Folders above").get_by_role("link", name="Files").click()
    lists(page, "plans")


def test_an_earlier_version_is_gone_back_to(own: Window, app: App) -> None:
    app.http.put("/files/raw/report.txt", content=b"first")
    app.http.put("/files/raw/report.txt", content=b"second, longer")
    page = own.open("files", "Files")
    do(page, "report.txt", "Details and versions")
    expect(own.dialog.get_by_role("listitem")).to_have_count(2)
    own.judge("files-details")
    with page.expect_download() as kept:
        own.dialog.get_by_role("button", name="Download version 1").click()
    assert kept.value.path().read_bytes() == b"first"
    own.dialog.get_by_role("button", name="Go back to version 1").click()
    own.dialog.last.get_by_role("button", name="Go back", exact=True).click()
    own.told("Version 1 is the newest one again")
    (file,) = app.listing()
    assert (file["version"], b"".join(app.download(file["id"]))) == (3, b"first")


def test_the_trash_gives_back_and_forgets(own: Window, app: App) -> None:
    for name in ("a.txt", "b.txt", "c.txt"):
        app.http.delete(f"/files/{app.upload(b'1', path=name)['id']}")
    page = own.open("trash", "Trash")
    lists(page, "c.txt", "b.txt", "a.txt")
    own.judge("trash")
    do(page, "a.txt", "Restore")
    lists(page, "c.txt", "b.txt")
    do(page, "b.txt", "Delete for good")
    own.answer("Delete")
    lists(page, "c.txt")
    page.get_by_role("button", name="Empty the trash").click()
    own.answer("Empty it")
    expect(page.get_by_text("The trash is empty")).to_be_visible()
    assert [one["path"] for one in app.listing()] == ["a.txt"]


def test_a_shared_link_opens_for_who_is_not_signed_in_until_it_is_deleted(own: Window, app: App) -> None:
    app.upload(b"for you", path="gift.txt")
    page = own.open("files", "Files")
    do(page, "gift.txt", "Share")
    own.judge("files-share")
    own.answer("Make a link", Password="pine-cone", Downloads_at_most="2")
    url = own.dialog.get_by_label("Link", exact=True).input_value()
    own.judge("files-link")
    own.dialog.get_by_role("button", name="Copy the link").click()
    assert page.evaluate("navigator.clipboard.readText()") == url
    assert httpx2.get(url).status_code == 401
    assert httpx2.get(url, auth=("", "pine-cone")).content == b"for you"
    own.dialog.get_by_role("link", name="All links").click()
    expect(own.dialog).to_have_count(0)
    expect(page.get_by_role("cell", name="1 of 2 downloads")).to_be_visible()
    own.judge("links")
    page.get_by_role("button", name="Delete the link to gift.txt").click()
    own.answer("Delete")
    expect(page.get_by_text("Nothing is shared.")).to_be_visible()
    assert httpx2.get(url, auth=("", "pine-cone")).status_code == 404


def test_pictures_and_pdf_pages_are_looked_at_one_after_the_other(own: Window, app: App) -> None:
    app.upload(picture(), path="a.png")
    app.upload(pdf(3), path="b.pdf")
    page = own.open("files", "Files")
    page.get_by_role("link", name="a.png").click()
    expect(own.dialog.get_by_role("img", name="a.png")).to_be_visible(timeout=READ)
    own.judge("preview-picture")
    page.keyboard.press("ArrowRight")
    expect(own.dialog.get_by_role("img", name="Page 1 of 3")).to_be_visible(timeout=READ)
    assert app.listing()[0]["id"] in page.url
    own.dialog.get_by_role("button", name="The next page").click()
    expect(own.dialog.get_by_role("img", name="Page 2 of 3")).to_be_visible(timeout=READ)
    own.judge("preview-pdf")
    address = page.url
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("open="))
    page.get_by_role("button", name="As a grid").click()
    expect(page.locator(".tile img")).to_have_count(2, timeout=READ)
    own.judge("files-grid")
    page.goto(address)
    expect(own.dialog.get_by_role("img", name="Page 1 of 3")).to_be_visible()


def test_a_table_is_sorted_filtered_and_scrolled(own: Window, app: App) -> None:
    rows = "".join(f"{number},{'Ulm' if number % 2 else 'Bonn'}\n" for number in range(3000))
    app.upload(f"id,city\n{rows}".encode(), path="cities.csv")
    page = own.open("files", "Files")
    page.get_by_role("link", name="cities.csv").click()
    first = own.dialog.locator(".line").first
    expect(first.get_by_role("cell").first).to_have_text("0", timeout=READ)
    head = own.dialog.get_by_role("columnheader", name="id")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending", timeout=READ)
    head.get_by_role("button").click()
    expect(first.get_by_role("cell").first).to_have_text("2999", timeout=READ)
    own.dialog.get_by_label("Only rows where").fill("city = = 3")
    own.dialog.get_by_role("button", name="Filter").click()
    expect(own.dialog.get_by_role("alert").filter(has_text="character")).to_be_visible(timeout=READ)
    own.dialog.get_by_label("Only rows where").fill("city = 'Bonn'")
    own.dialog.get_by_role("button", name="Filter").click()
    expect(own.dialog.get_by_text("1,500 rows")).to_be_visible(timeout=READ)
    expect(first.get_by_role("cell").first).to_have_text("2998")
    own.judge("preview-table")
    own.dialog.locator(".scroller").evaluate("one => { one.scrollTop = one.scrollHeight; }")
    expect(own.dialog.locator(".line").last.get_by_role("cell").first).to_have_text("0")
    assert own.dialog.locator(".line").count() < 100


def test_a_text_is_found_by_what_is_in_it_and_read(own: Window, app: App) -> None:
    app.upload(b"The lanterns <script>alert(1)</script> of the harbour.", path="letters/note.txt")
    page = own.open("files", "Files")
    page.get_by_role("link", name="letters").click()
    page.get_by_role("link", name="note.txt").click()
    expect(own.dialog.get_by_text("The lanterns <script>alert(1)</script> of the harbour.")).to_be_visible(timeout=READ)
    own.judge("preview-text")
    page.keyboard.press("Escape")
    page = own.open("files?q=lanterns", "Search")
    lists(page, "note.txt")
    expect(page.locator("mark")).to_have_text("lanterns")
    own.judge("files-search")


def test_downloads_are_the_browsers_own_and_several_files_are_a_zip(own: Window, app: App) -> None:
    app.upload(b"alone", path="a.txt")
    app.upload(b"together", path="b.txt")
    page = own.open("files", "Files")
    with page.expect_download() as kept:
        do(page, "a.txt", "Download")
    assert (kept.value.suggested_filename, kept.value.path().read_bytes()) == ("a.txt", b"alone")
    page.get_by_label("Select b.txt").click()
    with page.expect_download() as kept:
        page.get_by_role("toolbar").get_by_role("button", name="Download").click()
    assert kept.value.path().read_bytes()[:4] == b"PK\x03\x04"


@pytest.mark.parametrize("place", ["sign-in", "files"])
def test_first_paint_takes_less_than_a_hundred_kibibytes(window: Open, app: App, place: str) -> None:
    own = window()
    if place == "files":
        own.signed_in(app.email, PASSWORD)
    sizes = own.fetched_for(place)
    print(place, len(sizes), "requests", sum(sizes), "bytes")
    assert 0 < sum(sizes) < 100 * 1024

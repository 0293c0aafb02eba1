"""What somebody is at in the web console stays theirs while lists, questions or the session change."""

import re
from collections.abc import Callable

import pytest
from app_client import PASSWORD, App
from console_window import Window
from playwright.sync_api import Page, Route, expect

pytestmark = pytest.mark.heavy

Open = Callable[[], Window]


@pytest.fixture
def own(window: Open, app: App) -> Window:
    return window().signed_in(app.email, PASSWORD)


@pytest.fixture
def files(app: App) -> dict[str, str]:
    """The ids of b.txt to e.txt, by their names."""
    return {name: app.upload(name.encode(), path=name)["id"] for name in ("b.txt", "c.txt", "d.txt", "e.txt")}


def lists(page: Page, *wanted: str) -> None:
    expect(page.locator(".item .title")).to_have_text(list(wanted))


def do(page: Page, name: str, deed: str) -> None:
    page.get_by_role("button", name=f"What to do with {name}", exact=True).click()
    page.get_by_role("menuitem", name=deed).click()


class Held:
    """Requests that are on their way until they are let go: from the `after`th that is like it on."""

    def __init__(self, page: Page, url: str, method: str, after: int = 0) -> None:
        self._page = page
        self._method = method
        self._after = after
        self._routes: list[Route] = []
        page.route(url, self._hold)

    def _hold(self, route: Route) -> None:
        if route.request.method != self._method or self._after > 0:
            self._after -= route.request.method == self._method
            route.continue_()
        else:
            self._routes.append(route)

    def arrived(self) -> None:
        while not self._routes:
            self._page.wait_for_event("request")

    def let_go(self) -> None:
        self._after = 1000
        for route in self._routes:
            route.continue_()


def test_the_keyboard_stays_at_its_item_when_others_come_before_it(
    own: Window, app: App, files: dict[str, str]
) -> None:
    page = own.open("files", "Files")
    lists(page, *files)
    page.locator(".item").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    app.upload(b"1", path="a.txt")
    lists(page, "a.txt", *files)
    page.keyboard.press("Delete")
    own.told("“d.txt” is in the trash")
    lists(page, "a.txt", "b.txt", "c.txt", "e.txt")


def test_a_range_begins_where_it_did_when_others_come_before_it(own: Window, app: App, files: dict[str, str]) -> None:
    page = own.open("files", "Files")
    page.get_by_label("Select c.txt").check()
    app.upload(b"1", path="a.txt")
    lists(page, "a.txt", *files)
    page.locator(".item").nth(3).locator(".size").click(modifiers=["Shift"])
    expect(page.locator("[aria-selected=true] .title")).to_have_text(["c.txt", "d.txt"])


def test_what_was_moved_elsewhere_is_no_longer_selected(own: Window, app: App, files: dict[str, str]) -> None:
    page = own.open("files", "Files")
    page.get_by_label("Select b.txt").check()
    page.get_by_label("Select c.txt").check()
    app.http.patch(f"/files/{files['b.txt']}", json={"path": "elsewhere/b.txt"}).raise_for_status()
    lists(page, "elsewhere", "c.txt", "d.txt", "e.txt")
    expect(page.get_by_role("toolbar")).to_contain_text("1 item")
    page.get_by_role("toolbar").get_by_role("button", name="To the trash").click()
    own.told("“c.txt” is in the trash")
    assert sorted(file["path"] for file in app.listing()) == ["d.txt", "e.txt", "elsewhere/b.txt"]


def test_a_new_folder_is_like_any_other_once_a_file_is_in_it(own: Window, app: App) -> None:
    page = own.open("files", "Files")
    page.get_by_role("button", name="New folder").click()
    own.answer("Make", Name="plans")
    expect(page.get_by_role("heading", level=1, name="plans")).to_be_visible()
    page.get_by_role("navigation", name="Folders above").get_by_role("link", name="Files").click()
    expect(page.get_by_text("empty", exact=True)).to_be_visible()
    app.upload(b"1", path="plans/first.txt")
    expect(page.get_by_text("empty", exact=True)).to_have_count(0)
    lists(page, "plans")
    do(page, "plans", "trash")
    own.told("“plans” is in the trash")
    assert app.listing() == []
    page.get_by_role("button", name="Undo").click()
    lists(page, "plans")


def test_tags_with_a_comma_in_them_stay(own: Window, app: App, files: dict[str, str]) -> None:
    file = f"/files/{files['b.txt']}"
    app.http.patch(file, json={"tags": ["Doe, John", "old"]}).raise_for_status()
    page = own.open("files", "Files")
    do(page, "b.txt", "Tags")
    expect(own.dialog.get_by_label("Tags")).to_have_value("old")
    own.answer("Save", Tags="blue")
    own.told("The tags are saved")
    assert sorted(app.http.get(file).json()["tags"]) == ["Doe, John", "blue"]


def test_a_link_that_is_made_is_shown_also_to_who_did_not_wait(own: Window, files: dict[str, str]) -> None:
    page = own.open("files", "Files")
    held = Held(page, "**/links", "POST")
    do(page, "b.txt", "Share")
    own.dialog.get_by_role("button", name="Make a link").click()
    held.arrived()
    page.keyboard.press("Escape")
    expect(own.dialog).to_have_count(0)
    held.let_go()
    expect(own.dialog.get_by_label("Link", exact=True)).to_have_value(re.compile("/s/"))


def test_a_refusal_is_told_also_to_who_did_not_wait(own: Window, app: App, files: dict[str, str]) -> None:
    page = own.open("files", "Files")
    held = Held(page, f"**/files/{files['b.txt']}", "PATCH")
    do(page, "b.txt", "Rename")
    own.dialog.get_by_label("Name").fill("c.txt")
    own.dialog.get_by_role("button", name="Rename").click()
    held.arrived()
    page.keyboard.press("Escape")
    held.let_go()
    expect(page.locator(".toast.failed")).to_be_visible()
    lists(page, *files)


def test_moving_stops_between_two_files_and_says_how_far_it_came(own: Window, app: App, files: dict[str, str]) -> None:
    page = own.open("files", "Files")
    for name in ("b.txt", "c.txt", "d.txt"):
        page.get_by_label(f"Select {name}").check()
    held = Held(page, "**/files/*", "PATCH", after=1)
    page.get_by_role("toolbar").get_by_role("button", name="Move").click()
    own.dialog.get_by_label("New folder in it").fill("there")
    own.dialog.get_by_role("button", name="Move here").click()
    held.arrived()
    page.keyboard.press("Escape")
    held.let_go()
    own.told("2 items moved")
    lists(page, "there", "d.txt", "e.txt")
    assert sorted(file["path"] for file in app.listing()) == ["d.txt", "e.txt", "there/b.txt", "there/c.txt"]


def test_a_list_whose_rest_is_gone_stays_as_it_is(own: Window, app: App, files: dict[str, str]) -> None:
    made = [app.http.post(f"/files/{files['b.txt']}/links", json={}).json()["id"] for _ in range(60)]
    page = own.open("links", "Shared links")
    rows = page.get_by_role("row")
    shown = rows.count()
    assert shown < len(made)
    refused = {"status": 429, "content_type": "application/problem+json", "body": '{"title": "Not so fast"}'}
    page.route("**/files/links?cursor=*", lambda route: route.fulfill(**refused))
    page.get_by_role("button", name="Show more").click()
    expect(page.get_by_role("alert").filter(has_text="Not so fast")).to_be_visible()
    expect(rows).to_have_count(shown)
    page.unroute("**/files/links?cursor=*")
    for link in made:
        app.http.delete(f"/files/links/{link}").raise_for_status()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("button", name=re.compile("Try again|Show more"))).to_have_count(0)
    expect(rows).to_have_count(shown)


def test_who_signs_out_with_a_token_that_was_voided_is_signed_out(own: Window, app: App) -> None:
    # Events would tell that the token has ended before.
    own.page.route_web_socket(re.compile("/files/events"), lambda _: None)
    with own.page.expect_request(re.compile("/auth/profile")) as asked:
        own.page.reload()
    token = asked.value.headers["authorization"].removeprefix("Bearer ")
    page = own.open("files", "Files")
    app.http.post("/auth/revoke", data={"token": token, "client_id": "strongroom-console"}).raise_for_status()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    sessions = app.http.get("/auth/sessions").json()
    assert [one["client_id"] for one in sessions if one["client_id"] == "strongroom-console"] == []

"""Uploads in the web console that were broken off go on, each account's its own."""

from collections.abc import Callable
from pathlib import Path

import pytest
from app_client import PASSWORD, App
from console_uploads import Dock, Sent, conditions, digest, dragged, kept, slowly, watched, written
from console_window import Window
from playwright.sync_api import expect

pytestmark = pytest.mark.heavy

Open = Callable[[], Window]
MIB = 1024 * 1024

# A file in the browser's own file system, whose handle the picker answers.
_HANDLE = """async size => {
  const handle = await (await navigator.storage.getDirectory()).getFileHandle("film.bin", {create: true});
  const writable = await handle.createWritable();
  const bytes = new Uint8Array(size).map((_, index) => index * 31 + (index >> 12));
  await writable.write(bytes);
  await writable.close();
  globalThis.showOpenFilePicker = async () => [handle];
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map(byte => byte.toString(16).padStart(2, "0")).join("");
}"""


@pytest.fixture
def dock(window: Open, app: App) -> Dock:
    """The uploads of somebody with a new account."""
    return Dock(window().signed_in(app.email, PASSWORD))


def broken_off(dock: Dock, file: Path) -> Sent:
    """The page is loaded anew when almost half of that file and 16 MiB have come; answers what was sent before."""
    network = slowly(dock.window, 12 * MIB)
    with watched(dock.window) as sent:
        dock.choose(file)
        dock.past(file.name, 45)
        with dock.page.expect_event("dialog") as leaving:  # pages may ask before they are left
            dock.page.once("dialog", lambda dialog: dialog.accept())
            dock.page.reload()
        assert leaving.value.type == "beforeunload"
    conditions(network)
    return sent


def test_after_a_reload_the_file_is_chosen_again_and_nothing_sent_twice(dock: Dock, app: App, tmp_path: Path) -> None:
    file = written(tmp_path / "film.bin", 48 * MIB)
    other = written(tmp_path / "other.bin", 48 * MIB)
    broken_off(dock, file)
    dock.state(file.name, "lost")
    dock.window.judge("uploads-broken-off")
    dock.choose_again(file.name, other)
    dock.window.told("That is not film.bin as it was when its upload began")
    with watched(dock.window) as sent:
        dock.choose_again(file.name, file)
        dock.state(file.name, "done")
    assert sent.created == 0
    assert min(sent) >= 16 * MIB
    assert kept(app) == {file.name: digest(file)}


def test_after_a_reload_the_same_file_goes_on_wherever_it_is_dropped(dock: Dock, app: App, tmp_path: Path) -> None:
    file = written(tmp_path / "film.bin", 40 * MIB)
    broken_off(dock, file)
    dock.window.open("profile", "Your account")  # where nothing else is taken
    dock.state(file.name, "lost")
    with watched(dock.window) as sent:
        dragged(dock.window, written(tmp_path / "unwanted.bin", 10), file)
        dock.state(file.name, "done")
    assert sent.created == 0
    assert min(sent) >= 16 * MIB
    assert kept(app) == {file.name: digest(file)}


def test_after_a_reload_one_click_is_enough_where_the_browser_kept_a_handle(dock: Dock, app: App) -> None:
    network = slowly(dock.window, 12 * MIB)
    expected = dock.page.evaluate(_HANDLE, 40 * MIB)
    with watched(dock.window) as sent:
        dock.pick_by_handle()
        dock.past("film.bin", 45)
        dock.page.once("dialog", lambda dialog: dialog.accept())
        dock.page.reload()
        conditions(network)
        before = sent.created
        dock.press("film.bin", "Go on")
        dock.state("film.bin", "done")
    assert sent.created == before
    assert sent.count(0) <= 1
    assert kept(app) == {"film.bin": expected}


def test_what_the_service_no_longer_has_begins_anew(dock: Dock, app: App, tmp_path: Path) -> None:
    file = written(tmp_path / "film.bin", 40 * MIB)
    (upload,) = broken_off(dock, file).ids
    ended = app.http.delete(f"/files/uploads/{upload}", headers={"Tus-Resumable": "1.0.0"})
    assert ended.status_code == 204
    dock.choose_again(file.name, file)
    dock.window.told("What had come of film.bin was no longer kept, so it begins anew")
    dock.state(file.name, "done")
    assert kept(app) == {file.name: digest(file)}


def test_nobody_else_at_the_same_browser_sees_what_was_broken_off(
    dock: Dock, app: App, url: str, tmp_path: Path
) -> None:
    file = written(tmp_path / "secret plans.bin", 40 * MIB)
    broken_off(dock, file)
    dock.state(file.name, "lost")
    with App(url) as other:
        other.sign_up()
        sign_out(dock)
        expect(dock.region).to_be_hidden()
        dock.window.signed_in(other.email, PASSWORD)
        dock.choose(written(tmp_path / "own.bin", 10))
        dock.state("own.bin", "done")
        expect(dock.row(file.name)).to_have_count(0)
        sign_out(dock)
    dock.window.signed_in(app.email, PASSWORD)
    dock.state(file.name, "lost")
    expect(dock.row("own.bin")).to_have_count(0)


def test_who_signs_out_on_the_way_goes_on_after_signing_in(dock: Dock, app: App, tmp_path: Path) -> None:
    file = written(tmp_path / "film.bin", 40 * MIB)
    network = slowly(dock.window, 12 * MIB)
    with watched(dock.window) as sent:
        dock.choose(file)
        dock.past(file.name, 45)
        sign_out(dock)
        expect(dock.region).to_be_hidden()
        conditions(network)
        dock.window.signed_in(app.email, PASSWORD)
        dock.press(file.name, "Go on")
        dock.state(file.name, "done")
    assert sent.count(0) == 1
    assert kept(app) == {file.name: digest(file)}


def sign_out(dock: Dock) -> None:
    dock.page.get_by_role("button", name="Sign out").click()
    expect(dock.page.get_by_role("heading", name="Sign in")).to_be_visible()

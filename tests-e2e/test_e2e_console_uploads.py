"""Files are uploaded in the web console: many, large, interrupted, refused."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from app_client import PASSWORD, App
from console_uploads import Dock, conditions, digest, dragged, kept, slowly, watched, written
from console_window import Window
from playwright.sync_api import expect

pytestmark = pytest.mark.heavy

Open = Callable[[], Window]
MIB = 1024 * 1024


@pytest.fixture
def dock(window: Open, app: App) -> Dock:
    """The uploads of somebody with a new account."""
    return Dock(window().signed_in(app.email, PASSWORD))


def test_small_and_large_files_arrive_as_they_were(dock: Dock, app: App, tmp_path: Path) -> None:
    files = [
        written(tmp_path / name, size) for name, size in (("empty", 0), ("small.txt", 1000), ("large.bin", 20 * MIB))
    ]
    dock.choose(*files, folder="inbox")
    for file in files:
        dock.state(file.name, "done")
    expect(dock.region.get_by_text("3 of 3 files")).to_be_visible()
    assert kept(app) == {f"inbox/{file.name}": digest(file) for file in files}
    dock.window.judge("uploads-done")
    dock.all("Clear what is over")
    expect(dock.region).to_be_hidden()


def test_a_folder_is_read_to_its_ends(dock: Dock, app: App, tmp_path: Path) -> None:
    top = tmp_path / "photos"
    files = [written(top / f"day {day}" / "in" / "deep" / f"{count}.txt", 10) for day in (1, 2) for count in range(130)]
    dock.choose_folder(top, folder="all of them")
    expect(dock.region.get_by_text(f"{len(files)} of {len(files)} files")).to_be_visible(timeout=120_000)
    assert kept(app) == {f"all of them/{file.relative_to(tmp_path)}": digest(file) for file in files}
    assert dock.region.get_by_role("listitem").count() <= 40


def test_folders_and_files_are_dropped_together(dock: Dock, app: App, tmp_path: Path) -> None:
    files = [written(tmp_path / "tree" / "branch" / f"{count}.txt", 10) for count in range(130)]
    alone = written(tmp_path / "alone.txt", 10)
    dock.window.open("files/here", "here")
    dragged(dock.window, tmp_path / "tree", alone)
    expect(dock.region.get_by_text("131 of 131 files")).to_be_visible(timeout=120_000)
    assert kept(app) == {f"here/{file.relative_to(tmp_path)}": digest(file) for file in [*files, alone]}


def test_an_upload_goes_on_after_a_pause_where_it_was(dock: Dock, app: App, tmp_path: Path) -> None:
    file = written(tmp_path / "film.bin", 40 * MIB)
    network = slowly(dock.window, 12 * MIB)
    with watched(dock.window) as sent:
        dock.choose(file)
        dock.past(file.name, 45)
        conditions(network, 50_000)  # or it would be over before it was looked at
        dock.window.judge("uploads-running")
        dock.press(file.name, "Pause")
        dock.state(file.name, "paused")
        dock.window.judge("uploads-paused")
        conditions(network)
        dock.press(file.name, "Go on")
        dock.state(file.name, "done")
    assert sent.created == 1
    assert sent.count(0) == 1
    assert kept(app) == {file.name: digest(file)}


def test_all_of_a_folder_goes_on_after_a_pause(dock: Dock, app: App, tmp_path: Path) -> None:
    files = more_than_are_read_ahead(tmp_path)
    network = slowly(dock.window, MIB)
    dock.choose_folder(tmp_path / "many")
    dock.state("0.txt", "done")
    dock.all("Pause all")
    conditions(network)
    dock.all("Go on with all")
    expect(dock.region.get_by_text(f"{len(files)} of {len(files)} files")).to_be_visible(timeout=120_000)
    assert kept(app) == {f"many/{file.name}": digest(file) for file in files}


def test_all_of_a_folder_goes_on_after_signing_in_again(dock: Dock, app: App, tmp_path: Path) -> None:
    files = more_than_are_read_ahead(tmp_path)
    network = slowly(dock.window, MIB)
    dock.choose_folder(tmp_path / "many")
    dock.state("0.txt", "done")
    dock.page.get_by_role("button", name="Sign out").click()
    expect(dock.region).to_be_hidden()
    conditions(network)
    dock.window.signed_in(app.email, PASSWORD)
    dock.all("Go on with all")
    expect(dock.region).to_contain_text(re.compile(r"(\d+) of \1 files"), timeout=120_000)
    assert kept(app) == {f"many/{file.name}": digest(file) for file in files}


def more_than_are_read_ahead(folder: Path) -> list[Path]:
    return [written(folder / "many" / f"{count}.txt", 64_000) for count in range(100)]


def test_what_is_cancelled_is_gone_at_the_service_too(dock: Dock, app: App, tmp_path: Path) -> None:
    slowly(dock.window, 4 * MIB)
    with watched(dock.window) as sent:
        dock.choose(*(written(tmp_path / f"{count}.bin", 20 * MIB) for count in range(5)))
        dock.past("0.bin", 5)
        dock.press("0.bin", "Cancel")
        dock.state("0.bin", "cancelled")
        dock.all("Cancel all")
        dock.window.answer("Cancel all uploads")
        expect(dock.region).to_be_hidden(timeout=60_000)
    assert sent.ids
    for upload in sent.ids:
        assert app.http.head(f"/files/uploads/{upload}", headers={"Tus-Resumable": "1.0.0"}).status_code == 404
    assert kept(app) == {}


@pytest.mark.parametrize("size", [1000, 5 * MIB], ids=["small", "large"])
def test_a_name_that_is_taken_is_asked_about(dock: Dock, app: App, tmp_path: Path, size: int) -> None:
    old = {name: digest(written(tmp_path / "old" / name, 10)) for name in ("a.txt", "b.txt", "c.txt", "d.txt")}
    for name in old:
        app.upload((tmp_path / "old" / name).read_bytes(), name)
    new = [written(tmp_path / "new" / name, size) for name in old]
    dock.choose(new[0])
    expect(dock.window.dialog.get_by_role("heading", name="That name is taken")).to_be_visible()
    dock.window.judge(f"uploads-clash-{size}")
    dock.window.answer("Keep both")
    dock.state("a (2).txt", "done")
    dock.choose(new[1])
    dock.window.answer("New version")
    dock.state("b.txt", "done")
    dock.choose(new[2], new[3])
    dock.window.dialog.get_by_label("Do this for all the others, too").check()
    dock.window.answer("Skip")
    dock.state("c.txt", "skipped")
    dock.state("d.txt", "skipped")
    assert kept(app) == {**old, "a (2).txt": digest(new[0]), "b.txt": digest(new[1])}


def test_no_room_is_said_plainly_and_the_next_try_may_work(dock: Dock, app: App, admin: App, tmp_path: Path) -> None:
    account = app.http.get("/auth/profile").json()["id"]
    admin.http.put(f"/files/usage/{account}", json={"quota": MIB}).raise_for_status()
    files = [written(tmp_path / "small.bin", 3 * MIB), written(tmp_path / "large.bin", 8 * MIB)]
    dock.choose(*files)
    for file in files:
        expect(dock.state(file.name, "failed")).to_contain_text("There is not enough room left")
    dock.window.judge("uploads-no-room")
    admin.http.put(f"/files/usage/{account}", json={"quota": None}).raise_for_status()
    for file in files:
        dock.press(file.name, "Try again")
        dock.state(file.name, "done")
    assert kept(app) == {file.name: digest(file) for file in files}


def test_a_token_that_ends_on_the_way_is_renewed_once(dock: Dock, app: App, tmp_path: Path) -> None:
    file = written(tmp_path / "film.bin", 50 * MIB)
    # Events would tell that the token has ended before any upload is refused.
    dock.page.route_web_socket(re.compile("/files/events"), lambda _: None)
    dock.page.reload()
    slowly(dock.window, 12 * MIB)
    with watched(dock.window) as sent:
        dock.choose(file)
        dock.past(file.name, 5)
        before = sent.token
        form = {"token": before.removeprefix("Bearer "), "client_id": "strongroom-console"}
        assert app.http.post("/auth/revoke", data=form).status_code == 200
        dock.state(file.name, "done")
        assert sent.token != before
    assert sent.refused == 1
    assert kept(app) == {file.name: digest(file)}


def test_names_are_text_and_those_that_cannot_be_are_refused(dock: Dock, app: App) -> None:
    hostile = "<img src=x onerror=\"document.title='owned'\">.txt"
    odd = ["100%2e%2e?a=b#c&d.txt", "\u202egnp.txt", hostile, "söme ünïcode 🗄.txt", "-rf *.txt"]
    dock.drop(*({"name": name, "text": name} for name in [*odd, "back\\slash.txt", "new\nline.txt"]), folder="in & out")
    for name in odd:
        dock.state(name, "done")
    expect(dock.region.locator("[data-state=failed]")).to_have_count(2)
    expect(dock.region.get_by_text("A path has no control characters")).to_be_visible()
    dock.window.judge("uploads-names")
    assert set(kept(app)) == {f"in & out/{name}" for name in odd}
    assert dock.page.locator("img[src=x]").count() == 0

"""The console behind Caddy, below a path prefix that is public or that only Caddy knows."""

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from app_client import PASSWORD
from console_uploads import Dock, watched
from console_window import Window, pictures_folder
from playwright.sync_api import Browser, expect
from roads import PREFIX, Road, prefixed_road

pytestmark = pytest.mark.heavy

MIB = 1024 * 1024


@pytest.fixture(scope="module", params=[True, False], ids=["public prefix", "prefix that only Caddy knows"])
def road(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Road]:
    with prefixed_road(tmp_path_factory.mktemp("road"), is_public=request.param) as road:
        yield road


@pytest.fixture
def window(browser: Browser, road: Road, tmp_path: Path) -> Iterator[Window]:
    # By its address, which the certificate is for; the authority of this run is nobody's whom browsers know.
    window = Window(browser, road.url, "", pictures_folder(tmp_path), trusting=True)
    yield window
    window.close()
    assert [fault for fault in window.faults if "net::ERR_" not in fault and "WebSocket connection" not in fault] == []


def test_it_signs_in_stays_so_after_a_reload_and_uploads(window: Window, road: Road, tmp_path: Path) -> None:
    page, dock = window.page, Dock(window)
    file = tmp_path / "film.bin"
    file.write_bytes(os.urandom(20 * MIB))
    with road.app() as app:
        app.sign_up()
        window.signed_in(app.email, PASSWORD)
        page.reload()
        expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
        with watched(window) as sent:
            dock.choose(file, folder="below a prefix")
            dock.state(file.name, "done", within=120)
        assert sent.created == 1
        assert road.proxy.cuts == 1
        (found,) = app.listing()
        assert (found["path"], found["sha256"]) == (
            f"below a prefix/{file.name}",
            sha256(file.read_bytes()).hexdigest(),
        )
    cookies = {(cookie["path"], cookie["secure"], cookie["httpOnly"]) for cookie in window.context.cookies()}
    assert cookies == {(f"{PREFIX}/auth/token", True, True), (f"{PREFIX}/auth", True, True)}

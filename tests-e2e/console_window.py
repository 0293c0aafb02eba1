"""A person at the web console, in a real Chromium, where every fault of a page is noticed."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}
_BEYOND = "(main => main.scrollWidth - main.clientWidth)(document.querySelector('main'))"
expect.set_options(timeout=20_000)  # not more is claimed of a machine that does much else
_GRAVE = {"serious", "critical"}
# Chromium writes so of every answer that is a refusal, and those of the API are part of many journeys.
_REFUSAL = re.compile(r"Failed to load resource: the server responded with a status of (4\d\d|507)")
_API = re.compile(r"/(auth|files)(/|$)")


class Faults(list[str]):
    """What a page did wrong: what it logged, what it threw, what its policy refused, whom else it asked."""

    def watch(self, page: Page) -> None:
        page.on("console", self._logged)
        page.on("pageerror", lambda error: self.append(f"thrown: {error}"))
        page.on("request", lambda request: self._asked(page, request.url))

    def _logged(self, message: ConsoleMessage) -> None:
        path = urlsplit(message.location["url"]).path
        is_refusal = _REFUSAL.match(message.text) and _API.search(path)
        if message.type in {"error", "warning"} and not is_refusal:
            self.append(f"{message.type}: {message.text}")

    def _asked(self, page: Page, url: str) -> None:
        asked = urlsplit(url)
        own = urlsplit(page.url).netloc
        if asked.scheme in {"http", "https", "ws", "wss"} and own and asked.netloc != own:
            self.append(f"asked another host: {url}")


class Window:
    """One person's browser: its cookies are nobody else's. `axe` is the source of axe-core, `pictures` a folder."""

    def __init__(self, browser: Browser, url: str, axe: str, pictures: Path, *, trusting: bool = False) -> None:
        """`trusting` whatever certificate the address has, which is then taken as it is."""
        # As localhost, under which alone browsers make passkeys for loopback.
        self.url = url if trusting else url.replace("127.0.0.1", "localhost")
        options: dict[str, Any] = {"viewport": WIDE, "accept_downloads": True, "ignore_https_errors": trusting}
        self.context = browser.new_context(**options)
        self.context.set_default_timeout(15_000)
        self.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=self.url)
        # The newer picker of files cannot be answered by a test; without it pages use the one that every browser has.
        self.context.add_init_script("delete window.showOpenFilePicker")
        self.faults = Faults()
        self.page = self.context.new_page()
        self.faults.watch(self.page)
        self._axe = axe
        self.pictures = pictures

    def close(self) -> None:
        self.context.close()

    def sign_in(self, email: str, password: str) -> None:
        self.page.goto(f"{self.url}/#/sign-in")
        self.page.get_by_label("Email").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()

    def signed_in(self, email: str, password: str) -> "Window":
        self.sign_in(email, password)
        expect(self.page.get_by_role("navigation", name="Pages")).to_be_visible()
        return self

    def open(self, place: str, heading: str) -> Page:
        self.page.goto(f"{self.url}/#/{place}")
        expect(self.page.get_by_role("heading", level=1, name=heading, exact=True)).to_be_visible()
        expect(self.page.locator("[aria-busy=true]")).to_have_count(0)
        return self.page

    def fetched_for(self, place: str) -> list[float]:
        """How many bytes each answer had, head included, when somebody opened it in a browser that kept nothing."""
        page = self.context.new_page()
        self.faults.watch(page)
        debugger = self.context.new_cdp_session(page)
        debugger.send("Network.enable")
        debugger.send("Network.setCacheDisabled", {"cacheDisabled": True})
        sizes: list[float] = []
        debugger.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
        page.goto(f"{self.url}/#/{place}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.wait_for_load_state("networkidle")
        page.close()
        return sizes

    @property
    def dialog(self) -> Locator:
        return self.page.locator("dialog[open]")

    def answer(self, button: str, **fields: str) -> None:
        """Fills in the dialog that is open, its fields by their labels, with `_` for spaces."""
        for label, value in fields.items():
            self.dialog.get_by_label(label.replace("_", " "), exact=True).fill(value)
        self.dialog.get_by_role("button", name=button, exact=True).click()

    def told(self, text: str) -> None:
        expect(self.page.locator(".toast", has_text=text).last).to_be_visible()

    def inaccessible(self) -> list[str]:
        """What axe-core finds serious or critical on the page as it is."""
        # By the debugger, since the page's own policy lets no other code in.
        self.page.evaluate(self._axe)
        found: dict[str, Any] = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{one['id']}: {one['help']}: {[node['html'][:160] for node in one['nodes']]}"
            for one in found["violations"]
            if one["impact"] in _GRAVE
        ]

    def judge(self, name: str) -> None:
        """Looks at the page light and dark, wide and narrow: nothing inaccessible, nothing beyond the edge."""
        for colours in ("light", "dark"):
            for size in (WIDE, PHONE):
                with self._seen(colours, size):
                    self.page.screenshot(path=self.pictures / f"{name}-{colours}-{size['width']}.png")
                    found = self.inaccessible()
                    assert not found, (name, colours, size, found)
                    assert self.page.evaluate(_BEYOND) <= 0, (name, size)

    @contextmanager
    def _seen(self, colours: str, size: dict[str, int]) -> Iterator[None]:
        self.page.emulate_media(color_scheme=colours, reduced_motion="reduce")  # type: ignore[arg-type]
        self.page.set_viewport_size(size)  # type: ignore[arg-type]
        yield
        self.page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        self.page.emulate_media(color_scheme="light", reduced_motion="reduce")


def pictures_folder(otherwise: Path) -> Path:
    """Where pictures of pages are kept: STRONGROOM_PICTURES, or a folder of the run."""
    folder = Path(os.environ.get("STRONGROOM_PICTURES", otherwise))
    folder.mkdir(parents=True, exist_ok=True)
    return folder

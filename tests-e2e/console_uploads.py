"""The uploads of a console window: what is chosen and dropped, and what its dock shows."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from app_client import App
from console_window import Window
from playwright.sync_api import CDPSession, Locator, Request, Response, expect

# The module of the page itself, not another copy of it.
_MODULE = "import(new URL('uploads/index.js', document.querySelector('script[type=module]').src))"
# Files as a drop brings them, but without a disk, which would not have all of these names.
_DROP = """(files => {
  const transfer = new DataTransfer();
  for (const {name, text, modified} of files)
    transfer.items.add(new File([text], name, {lastModified: modified ?? 1}));
  document.body.dispatchEvent(new DragEvent("drop", {dataTransfer: transfer, bubbles: true, cancelable: true}));
})"""
_PAST = """([name, percent]) => [...document.querySelectorAll("#dock li progress")].some(bar =>
  bar.ariaLabel.endsWith(name) && bar.value >= percent)"""


class Dock:
    def __init__(self, window: Window) -> None:
        self.window = window
        self.page = window.page

    @property
    def region(self) -> Locator:
        return self.page.get_by_role("region", name="Uploads")

    def row(self, name: str) -> Locator:
        return self.region.get_by_role("listitem").filter(has=self.page.get_by_text(name, exact=True))

    def state(self, name: str, state: str, *, within: float = 60) -> Locator:
        """Waits until that row is in that state."""
        row = self.row(name)
        expect(row).to_have_attribute("data-state", state, timeout=within * 1000)
        return row

    def choose(self, *files: Path, folder: str = "") -> None:
        """In the picker of the browser."""
        self._pick("pickFiles", [str(file) for file in files], folder)

    def choose_folder(self, chosen: Path, folder: str = "") -> None:
        self._pick("pickFolder", str(chosen), folder)

    def pick_by_handle(self) -> None:
        """With the newer picker, which a test has replaced."""
        self.page.evaluate(f"{_MODULE}.then(module => module.pickFiles(''))")

    def _pick(self, export: str, chosen: Any, folder: str) -> None:
        with self.page.expect_file_chooser() as asked:
            self.page.evaluate(f"{_MODULE}.then(module => {{ module.{export}({folder!r}); }})")
        asked.value.set_files(chosen)

    def choose_again(self, name: str, file: Path) -> None:
        with self.page.expect_file_chooser() as asked:
            self.row(name).get_by_role("button", name=re.compile("^Choose the file again")).click()
        asked.value.set_files(str(file))

    def targeting(self, folder: str) -> None:
        """What is dropped on the page goes into that folder."""
        self.page.evaluate(f"{_MODULE}.then(module => module.dropTarget(document.body, () => {folder!r}))")

    def drop(self, *files: dict[str, Any], folder: str = "") -> None:
        self.targeting(folder)
        self.page.evaluate(_DROP, list(files))

    def past(self, name: str, percent: int) -> None:
        """Waits until so much of it has gone."""
        self.page.wait_for_function(_PAST, arg=[name, percent], timeout=60_000)

    def press(self, name: str, button: str) -> None:
        self.row(name).get_by_role("button", name=f"{button}: {name}").click()

    def all(self, button: str) -> None:
        self.region.get_by_role("button", name=button, exact=True).click()


class Sent(list[int]):
    """Where each PATCH that was sent began, and what else was seen of uploads."""

    def __init__(self) -> None:
        super().__init__()
        self.created = 0
        self.refused = 0
        self.token = ""
        self.ids: set[str] = set()

    def see(self, request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/files/uploads"):
            self.created += 1
        if request.method != "PATCH" or "/files/uploads/" not in request.url:
            return
        self.append(int(request.headers["upload-offset"]))
        self.token = request.headers["authorization"]
        self.ids.add(request.url.rpartition("/")[2])

    def hear(self, response: Response) -> None:
        self.refused += response.status == 401


@contextmanager
def watched(window: Window) -> Iterator[Sent]:
    sent = Sent()
    window.page.on("request", sent.see)
    window.page.on("response", sent.hear)
    yield sent
    window.page.remove_listener("request", sent.see)
    window.page.remove_listener("response", sent.hear)


def slowly(window: Window, bytes_a_second: int) -> CDPSession:
    """A connection on which uploads take their time; conditions() of what is answered changes it."""
    session = window.context.new_cdp_session(window.page)
    session.send("Network.enable")
    conditions(session, bytes_a_second)
    return session


def conditions(session: CDPSession, bytes_a_second: int = -1, *, offline: bool = False) -> None:
    told = {"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_a_second}
    session.send("Network.emulateNetworkConditions", told)


_NOTE_DRAGGING = (
    "addEventListener('dragover', () => setTimeout(() => { window.wasDraggedOver = true; }), { once: true })"
)


def dragged(window: Window, *files: Path) -> None:
    """Drops them on the page as the desktop does, folders too: once the page has said that it takes them."""
    session = window.context.new_cdp_session(window.page)
    data = {"items": [], "files": [str(file) for file in files], "dragOperationsMask": 1}

    def tell(kind: str) -> None:
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 640, "y": 200, "data": data})

    window.page.evaluate(_NOTE_DRAGGING)
    tell("dragEnter")
    tell("dragOver")
    window.page.wait_for_function("() => window.wasDraggedOver === true")
    tell("dragOver")
    tell("drop")
    session.detach()


def written(file: Path, size: int) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(os.urandom(size))
    return file


def kept(app: App) -> dict[str, str]:
    """The SHA-256 of each file, by its path."""
    return {file["path"]: file["sha256"] for file in app.listing()}


def digest(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest()

"""The system's Chromium, as tests and the bench drive it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright


def place() -> str | None:
    """STRONGROOM_CHROMIUM, or where it is installed."""
    return os.environ.get("STRONGROOM_CHROMIUM") or shutil.which("chromium")


@contextmanager
def running(path: str) -> Iterator[Browser]:
    """While it runs, this thread can have no other event loop."""
    with sync_playwright() as playwright:
        # Its own sandbox needs a user who is not root.
        browser = playwright.chromium.launch(executable_path=path, chromium_sandbox=os.geteuid() != 0)
        yield browser
        browser.close()

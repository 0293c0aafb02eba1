"""What a browser fetches until a page of the web console is shown, when it has kept nothing of it."""

from contextlib import closing
from pathlib import Path

import chromium
from app_client import PASSWORD, App
from bench.report import Figure, Finding, Skipped
from console_window import Window
from stack import Stack

KIB = 1024
_TARGET = 100


def console(stack: Stack) -> list[Finding]:
    path = chromium.place()
    if path is None:
        return [Skipped("the web console", "Chromium is not installed")]
    with App(stack.url) as app, chromium.running(path) as browser:
        app.sign_up()
        with closing(Window(browser, stack.url, axe="", pictures=Path())) as window:
            before = window.fetched_for("sign-in")
            after = window.signed_in(app.email, PASSWORD).fetched_for("files")
    return [_figure("signing in", before), _figure("files", after)]


def _figure(page: str, sizes: list[float]) -> Figure:
    behind = f"{len(sizes)} requests"
    return Figure(f"fetched for the page of {page}", sum(sizes) / KIB, "KiB", _TARGET, floor=False, behind=behind)

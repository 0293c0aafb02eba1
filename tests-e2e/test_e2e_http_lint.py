"""REDbot, which knows the HTTP standards well, finds nothing wrong with a download."""

import json
import subprocess
import sys
import time
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from app_client import App

pytestmark = pytest.mark.heavy

LINT = Path(__file__).with_name("http_lint.py")
FILES = [
    (b"words " * 1000, "a.txt", ""),
    (bytes(range(256)) * 1000, "b.bin", ""),
    (b"", "empty", ""),
    ("Grüße ".encode() * 1000, "日本語 名.txt", ""),
    (b"\x89PNG\r\n\x1a\n" + bytes(5000), "c.png", "?disposition=inline"),
    (b"words " * 1000, "d.txt", "?version=1"),
]


def linted(app: App, address: str) -> dict[str, Any]:
    headers = json.dumps({"Authorization": app.http.headers["Authorization"]})
    command = [sys.executable, str(LINT), address]
    done = subprocess.run(command, check=False, input=headers, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def wait_until_dated(app: App, address: str) -> None:
    """The server's `Date` is up to a second late, and would be before the `Last-Modified` of what has just come."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        headers = app.http.head(address).headers
        if parsedate_to_datetime(headers["date"]) >= parsedate_to_datetime(headers["last-modified"]):
            return
    pytest.fail("the server's clock is wrong")


@pytest.mark.parametrize(("content", "name", "query"), FILES)
def test_redbot_finds_nothing_wrong_with_a_download(app: App, content: bytes, name: str, query: str) -> None:
    file_id = app.upload(content, name)["id"]
    address = f"{app.http.base_url}/files/{file_id}/download{query}"
    wait_until_dated(app, address)
    found = linted(app, address)
    for level, subject, note in found["notes"]:
        print(f"{level}: {subject}: {note}")
    assert (found["status"], found["complete"]) == (200, True)
    assert [note for note in found["notes"] if note[0] in {"bad", "warning"}] == []
    checked = {"If-None-Match": True, "If-Modified-Since": True}
    assert found["checks"].items() >= (checked | ({"Range": True} if content else {})).items()

"""A file's way to a service that contradicts itself: it comes to an end. Run by node."""

from pathlib import Path
from typing import Any

import pytest
from console_modules import NODE, run

pytestmark = pytest.mark.skipif(not NODE, reason="node is needed to run the modules, and was not found")

# The browser's own, as far as wire.js needs it. `item` is what transfer.js is told of an upload.
UPLOADING = """
globalThis.XMLHttpRequest = class {
  upload = {};
  open(method, url) { Object.assign(this, { method, url }); }
  setRequestHeader() {}
  getAllResponseHeaders() { return "Content-Type: application/json"; }
  async send() {
    const answer = await fetch(this.url, { method: this.method });
    Object.assign(this, { status: answer.status, responseText: await answer.text() });
    this.onload();
    this.onloadend();
  }
};
const item = (size) => ({
  path: "plan.bin", size, upload: null, replaces: false, file: new Blob([new Uint8Array(size)]),
  hasSent() {}, isAt() {}, waits() {}, stillReadable() {},
  hasBegun(upload) { this.upload = upload; }, beginsAnew() { this.upload = null; },
});
const outcome = async (given) => ({
  status: await transfer(given, new AbortController().signal).then(() => "sent", (problem) => problem.status), calls,
});
"""
ID = "0198c0de-0000-7000-8000-000000000001"


def outcome(folder: Path, size: int, answer: str) -> Any:
    """How an upload of that size ends, where `answer` says what each call is answered."""
    script = f"""{UPLOADING}
    globalThis.fetch = async (url, {{ method = "GET" }} = {{}}) => {{
      const {{ pathname }} = new URL(url);
      if (pathname === "/auth/token") return new Response(JSON.stringify({{ access_token: "a", expires_in: 900 }}));
      calls.push(`${{method}} ${{pathname}}`);
      return ({answer})(method);
    }};
    tell(await outcome(item({size})));
    """
    return run(folder, "uploads/transfer.js", "transfer", script)


def test_a_place_that_is_taken_by_nothing_is_not_asked_for_without_end(tmp_path: Path) -> None:
    answer = """(method) => method === "PUT" ? new Response("{}", { status: 412 }) : Response.json({ items: [] })"""
    told = outcome(tmp_path, 10, answer)
    assert told["status"] == 412
    assert told["calls"].count("PUT /files/raw/plan.bin") == 6


def test_an_upload_that_is_always_gone_is_not_begun_without_end(tmp_path: Path) -> None:
    answer = f"""(method) => method === "POST"
      ? new Response(null, {{ status: 201, headers: {{ Location: "http://console.test/files/uploads/{ID}" }} }})
      : method === "PATCH" ? new Response("{{}}", {{ status: 404 }}) : Response.json({{ items: [] }})"""
    told = outcome(tmp_path, 5 * 2**20, answer)
    assert told["status"] == 404
    assert told["calls"].count("POST /files/uploads") == 5

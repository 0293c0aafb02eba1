"""Runs the console's own modules by node, with an answer for each call in their order."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from gateway.console import pages

ASSETS = Path(pages.__file__).parent / "assets"
NODE = shutil.which("node")

# `answers` are [status, body]; null is a connection that fails. `token(sub)` is one that lasts as long as is said.
BROWSER = """
globalThis.document = { baseURI: "http://console.test/" };
globalThis.localStorage = { getItem: () => null, setItem: () => {} };
globalThis.navigator ??= {};
export const calls = [];
export const answers = [];
globalThis.fetch = async (url, { method = "GET", headers = {} } = {}) => {
  const token = headers.Authorization ? ` ${claims(headers.Authorization).jti}` : "";
  calls.push(`${method} ${new URL(url).pathname}${token}`);
  const answer = answers.shift();
  if (!answer) throw new TypeError("Failed to fetch");
  const body = answer[0] === 204 ? null : JSON.stringify(answer[1]);
  return new Response(body, { status: answer[0], headers: { "Content-Type": "application/json" } });
};
const claims = (header) => JSON.parse(atob(header.split(".")[1]));
export const token = (sub, jti, expires_in) =>
  [200, { access_token: `.${btoa(JSON.stringify({ sub, jti, sid: "s", scope: "" }))}.`, expires_in }];
export const person = (id) => [200, { id }];
export function tell(said) {
  console.log(JSON.stringify(said));
  process.exit();
}
"""


def run(folder: Path, module: str, names: str, script: str) -> Any:
    """What the script, which knows those names of the module, tells at last."""
    shutil.copytree(ASSETS, folder / "assets")
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "browser.js").write_text(BROWSER)
    (folder / "script.js").write_text(
        'import { answers, calls, person, tell, token } from "./browser.js";\n'
        f'const {{ {names} }} = await import("./assets/{module}");\n{script}'
    )
    done = subprocess.run(
        [str(NODE), str(folder / "script.js")], capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)

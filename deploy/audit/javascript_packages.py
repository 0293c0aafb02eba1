"""Audits what the tests use of JavaScript, by npm's own audit, in a folder of its own."""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from findings import Findings

_SECONDS = 120


def audit(manifest: Path) -> Findings:
    """`manifest` is a package.json; nothing of what it names is run, or put beside it."""
    findings = Findings()
    npm = shutil.which("npm")
    if npm is None:
        return Findings(unknown=[(manifest.parent.name, "there is no npm here")])
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(manifest, folder)
        resolved = _run(npm, folder, "install", "--package-lock-only", "--ignore-scripts", "--silent")
        if resolved is None or resolved.returncode:
            return Findings(unknown=[(manifest.parent.name, "npm cannot resolve the packages")])
        answer = _run(npm, folder, "audit", "--json")
    told = _document(answer)
    if "vulnerabilities" not in told:
        return Findings(unknown=[(manifest.parent.name, _reason(told))])
    findings.checked = int(told["metadata"]["dependencies"]["total"])
    for name, one in told["vulnerabilities"].items():
        findings.wrong.append(f"{name} {one.get('range', '')}: {one.get('severity', 'of unknown severity')}")
    return findings


def _run(npm: str, folder: str, *words: str) -> "subprocess.CompletedProcess[str] | None":
    try:
        return subprocess.run(  # noqa: S603 - the machine's own npm
            [npm, *words], cwd=folder, capture_output=True, text=True, check=False, timeout=_SECONDS
        )
    except subprocess.TimeoutExpired:
        return None


def _document(answer: "subprocess.CompletedProcess[str] | None") -> dict[str, Any]:
    try:
        told = json.loads(answer.stdout) if answer is not None else {}
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _reason(told: dict[str, Any]) -> str:
    """Without the address that npm asked, which is nobody's business but the machine's."""
    status = told.get("statusCode")
    return f"the registry's audit answered {status}" if status else "npm's audit gave no answer"

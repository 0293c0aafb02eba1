"""Schemathesis over the whole OpenAPI document: no fault, and no answer that the document does not know of."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from app_client import App
from stack import ADMIN_EMAIL, ADMIN_PASSWORD, Stack

pytestmark = pytest.mark.heavy

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
SECONDS = 60
# What would take the administrator's token away from the rest of the run, or keep it waiting.
APART = "^/auth/(sessions|keys/rotate|profile|users|revocations)"
# A module that schemathesis loads: what tus sends are bytes.
HOOKS = """import schemathesis
schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
"""


@pytest.fixture
def own(own_stack: Callable[..., Stack]) -> Stack:
    """What is made up here must not be in the way of others."""
    return own_stack().wait_until_ready()


def schemathesis(url: str, token: str, folder: Path, *selection: str) -> None:
    command = [
        str(Path(sys.executable).with_name("st")), "run", f"{url}/openapi.json", "--url", url,
        "--header", f"Authorization: Bearer {token}", "--checks", CHECKS, "--phases", "examples,coverage,fuzzing",
        "--max-time", str(SECONDS), "--workers", "2", "--seed", "1", "--request-timeout", "40", *selection,
    ]  # fmt: skip
    (folder / "tus_hooks.py").write_text(HOOKS)
    hooked = {**os.environ, "SCHEMATHESIS_HOOKS": "tus_hooks", "PYTHONPATH": str(folder)}
    run = subprocess.run(
        command, cwd=folder, env=hooked, capture_output=True, text=True, timeout=4 * SECONDS, check=False
    )
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
    print("\n".join(line for line in run.stdout.splitlines() if "generated" in line or "Tested" in line))


def test_an_administrator_finds_no_fault_and_nothing_undocumented(own: Stack, tmp_path: Path) -> None:
    with App(own.url) as admin:
        admin.sign_in(ADMIN_EMAIL, ADMIN_PASSWORD)
        schemathesis(own.url, admin.tokens["access_token"], tmp_path, "--exclude-path-regex", APART)


def test_a_person_finds_no_fault_in_what_is_theirs(own: Stack, tmp_path: Path) -> None:
    with App(own.url) as app:
        app.sign_up()
        schemathesis(own.url, app.tokens["access_token"], tmp_path, "--include-path-regex", APART)

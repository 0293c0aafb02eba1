"""The client libraries of JavaScript work with Strongroom as they are. The claims stand in the scripts."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from app_client import PASSWORD, App
from client_app import REDIRECT, register

NODE, NPM = shutil.which("node") or "", shutil.which("npm") or ""


@pytest.mark.heavy
@pytest.mark.skipif(not (NODE and NPM), reason="node and npm are needed to run JavaScript, and were not found")
@pytest.mark.parametrize("script", ["openid_client.mjs", "oauth4webapi.mjs"])
def test_every_claim_of_the_script_holds(script: str, javascript: Path, url: str, admin: App, app: App) -> None:
    client = register(admin)
    public = register(admin, public=True, redirect_uris=["http://127.0.0.1/back"])
    environment = {
        "ISSUER": url,
        "CLIENT_ID": client["client_id"],
        "CLIENT_SECRET": client["client_secret"],
        "REDIRECT_URI": REDIRECT,
        "PUBLIC_CLIENT_ID": public["client_id"],
        "PERSON_EMAIL": app.email,
        "PERSON_PASSWORD": PASSWORD,
    }
    ran = subprocess.run(
        [NODE, script],
        cwd=javascript,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr

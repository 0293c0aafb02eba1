"""docker-compose.yml says what it should, as Docker's own plugin reads it."""

import json
import os
import re
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
COMPOSE = Path(sysconfig.get_path("scripts")) / "docker-compose"
REQUIRED = dict.fromkeys(
    re.findall(r"^(\w+)=$", (ROOT / "deploy/docker/.env.example").read_text(), re.MULTILINE), "value"
) | {"STRONGROOM_PUBLIC_URL": "http://localhost:8080"}

_SECRET = re.compile("PASSWORD$|_KEY$|DATABASE_URL|SMTP_URL")


def compose(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(COMPOSE), "-f", str(ROOT / "docker-compose.yml"), "--env-file", "/dev/null", *words],
        env={"PATH": os.environ["PATH"], **settings},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    answer = compose("config", "--format", "json", **REQUIRED)
    assert answer.returncode == 0, answer.stderr
    return dict(json.loads(answer.stdout)["services"])


def test_it_is_valid() -> None:
    answer = compose("config", "-q", **REQUIRED)
    assert (answer.returncode, answer.stderr) == (0, "")


@pytest.mark.parametrize("name", REQUIRED)
def test_what_must_be_set_is_refused_when_missing(name: str) -> None:
    answer = compose("config", "-q", **{other: value for other, value in REQUIRED.items() if other != name})
    assert answer.returncode != 0
    assert name in answer.stderr


def test_only_the_gateway_can_be_reached_from_outside(services: dict[str, Any]) -> None:
    assert [name for name, service in services.items() if service.get("ports")] == ["gateway"]
    # The auth service reaches out, to a mail server, and webhooks do; what reads files does not. Nothing reaches in.
    assert {name for name, service in services.items() if "outside" in service.get("networks", [])} == {
        "auth-service",
        "file-webhooks",
        "gateway",
    }


def test_the_services_run_with_nothing_they_do_not_need(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["read_only"] is True, name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["mem_limit"], name
        assert service["pids_limit"], name
    assert "USER 10001" in (ROOT / "deploy/docker/Dockerfile").read_text()
    assert {name for name, service in services.items() if "healthcheck" not in service} == {
        "secrets",
        "store-setup",
        "auth-migrate",
        "file-migrate",
        "minio",
        "mail",
    }


def test_secrets_come_as_files(services: dict[str, Any]) -> None:
    for name, service in services.items():
        named = [one for one in service.get("environment", {}) if _SECRET.search(one)]
        assert name == "secrets" or not named, name

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
    assert {name for name, service in services.items() if "outside" in service["networks"]} == {
        "auth-service",
        "file-webhooks",
        "gateway",
    }


def test_the_services_run_with_nothing_they_do_not_need(services: dict[str, Any]) -> None:
    for name in (
        "auth-service",
        "file-service",
        "gateway",
        "file-worker",
        "file-webhooks",
        "auth-migrate",
        "file-migrate",
    ):
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["read_only"] is True
    assert "USER 10001" in (ROOT / "deploy/docker/Dockerfile").read_text()
    for name in ("auth-service", "file-service", "gateway", "postgres"):
        assert services[name]["healthcheck"]["test"]

"""Pods run with nothing that they do not need, stop in time, and have room for all that may run in them."""

import re
from collections.abc import Callable
from inspect import signature
from pathlib import Path

import pytest
from kubernetes_files import (
    BASE,
    FOLDERS,
    HERE,
    OVERLAYS,
    Manifest,
    altogether,
    container_of,
    kustomization,
    name_of,
    named,
    of_kind,
    pod_of,
    workloads,
)

from file_service.app import FOR_NEWS
from file_service.sandbox.limits import Limits
from gateway.health import Health
from strongroom.database import Database
from strongroom.web import health

DOCKERFILE = (HERE.parent / "docker/Dockerfile").read_text()
SCALING = (HERE.parents[1] / "docs/scaling.md").read_text()

SERVICES = ("auth-service", "file-service", "gateway")
WORKERS = ("file-worker", "file-webhooks")
GRACEFUL = 10  # seconds, of strongroom.web.server
POOL = signature(Database).parameters["pool_size"].default
CONNECTIONS = POOL + 2  # of one process: two listen or work
OF_FILES = CONNECTIONS + FOR_NEWS
UNITS = {"Mi": 1024**2, "Gi": 1024**3}
ITSELF = 256 * UNITS["Mi"]  # more than was measured of either

each_folder = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


def in_bytes(quantity: str) -> int:
    return int(quantity[:-2]) * UNITS[quantity[-2:]]


def deployment(name: str) -> Manifest:
    return named(altogether(BASE), "Deployment", name)


def value(workload: Manifest, name: str) -> str:
    (entry,) = [entry for entry in container_of(workload)["env"] if entry["name"] == name]
    return str(entry["value"])


@each_folder
def test_everything_runs_with_nothing_it_does_not_need(folder: Path) -> None:
    user = int(re.findall(r"^USER (\d+):\1$", DOCKERFILE, re.MULTILINE)[0])
    for workload in workloads(folder):
        pod, container = pod_of(workload), container_of(workload)
        assert pod["automountServiceAccountToken"] is False
        assert pod["enableServiceLinks"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] == user
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert all(volume["emptyDir"]["sizeLimit"] for volume in pod["volumes"])
        assert {"cpu", "memory"} <= set(container["resources"]["requests"])
        assert "memory" in container["resources"]["limits"]


def test_probes_ask_for_what_the_services_have() -> None:
    of_services = {getattr(route, "path", None) for route in health.router.routes}
    of_gateway = {route.path for route in Health([]).routes()}
    for name in SERVICES:
        container = container_of(deployment(name))
        asked = {container[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "liveness", "readiness")}
        assert asked <= (of_gateway if name == "gateway" else of_services)
    assert container_of(deployment("auth-service"))["readinessProbe"]["httpGet"]["path"] == "/readyz"
    for name in WORKERS:
        assert not [key for key in container_of(deployment(name)) if key.endswith("Probe")]


def test_services_have_time_to_be_left_alone_to_finish_and_to_put_jobs_back() -> None:
    for name in SERVICES:
        left_alone = container_of(deployment(name))["lifecycle"]["preStop"]["sleep"]["seconds"]
        assert pod_of(deployment(name))["terminationGracePeriodSeconds"] >= left_alone + 2 * GRACEFUL + 5


def test_what_clients_wait_for_is_never_fewer_during_a_roll_out() -> None:
    for name in SERVICES:
        assert deployment(name)["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}


@pytest.mark.parametrize(
    ("name", "processes"),
    [
        # file_service.insides: heads, pages and drawings, and twice as many exports
        ("file-service", lambda cores: 5 * cores),
        # file_service.work: half as many tables, the others, and one for languages
        ("file-worker", lambda cores: max(1, cores // 2) + cores + 1),
    ],
)
def test_parsers_reach_their_own_limits_before_the_pod_reaches_its(name: str, processes: Callable[[int], int]) -> None:
    # Kubernetes has the kernel end the whole container where its memory runs out, not the process that goes first.
    workload = deployment(name)
    at_most = processes(int(value(workload, "PYTHON_CPU_COUNT"))) * Limits().memory + ITSELF
    assert at_most <= in_bytes(container_of(workload)["resources"]["limits"]["memory"])


def test_the_image_has_a_python_that_can_be_told_of_fewer_processors() -> None:
    (minor,) = re.findall(r"^ARG PYTHON_IMAGE=python:3\.(\d+)", DOCKERFILE, re.MULTILINE)
    assert int(minor) >= 13


def test_the_connections_that_the_documentation_tells_are_those_of_all_replicas() -> None:
    (production,) = [folder for folder in OVERLAYS if folder.name == "production"]
    most = {count["name"]: count["count"] for count in kustomization(production)["replicas"]}
    for scaler in of_kind(altogether(production), "HorizontalPodAutoscaler"):
        most[name_of(scaler)] = scaler["spec"]["maxReplicas"]
    del most["gateway"]
    in_a_roll_out = {name: count + 1 for name, count in most.items()}
    files = in_a_roll_out.pop("file-service")
    others = sum(in_a_roll_out.values())
    of_all = files * OF_FILES + others * CONNECTIONS
    told = f"{files} × {OF_FILES} of file services and {others} × {CONNECTIONS} of all others, {of_all}."  # noqa: RUF001
    assert told in " ".join(SCALING.split())

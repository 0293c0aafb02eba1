"""What the manifests put into the environment are settings of the program that reads them, and all that it needs."""

import os
from pathlib import Path

import pytest
from kubernetes_files import (
    BASE,
    OVERLAYS,
    WORKLOADS,
    Manifest,
    altogether,
    applied,
    config_maps,
    container_of,
    name_of,
    named,
    of_kind,
    workloads,
)
from pydantic import ValidationError
from pydantic_settings import BaseSettings

from auth_service.settings import AuthSettings
from file_service.settings import FileSettings, StorageSettings, WorkerSettings
from gateway.settings import GatewaySettings
from strongroom.web.settings import DatabaseSettings

SETTINGS: dict[tuple[str, ...], tuple[type[BaseSettings], ...]] = {
    ("auth_service", "migrate"): (DatabaseSettings,),
    ("auth_service", "serve"): (AuthSettings,),
    ("file_service", "migrate"): (DatabaseSettings, StorageSettings),
    ("file_service", "serve"): (FileSettings,),
    ("file_service", "work"): (WorkerSettings,),
    ("gateway", "serve"): (GatewaySettings,),
}
NOT_OURS = {"TMPDIR", "PYTHON_CPU_COUNT"}
OF_TRACES = {"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG"}
SECRETS = {
    "STRONGROOM_DATABASE_URL": "postgresql://strongroom:secret@postgres.database:5432/strongroom",
    "STRONGROOM_MASTER_KEY": "A" * 43 + "=",
    "STRONGROOM_SMTP_URL": "smtps://user:secret@mail.example.org:465",
}

each_overlay = pytest.mark.parametrize("folder", OVERLAYS, ids=lambda folder: folder.name)


def environment(workload: Manifest, maps: dict[str, dict[str, str]]) -> dict[str, str]:
    """As its container gets it, with a value for each secret that must be there."""
    container, found = container_of(workload), dict[str, str]()
    for source in container.get("envFrom", []):
        found |= maps[source["configMapRef"]["name"]]
    for entry in container.get("env", []):
        if "value" in entry:
            found[entry["name"]] = entry["value"]
        elif not entry["valueFrom"]["secretKeyRef"].get("optional"):
            found[entry["name"]] = SECRETS.get(entry["name"], "secret")
    return found


def names(workload: Manifest, maps: dict[str, dict[str, str]]) -> set[str]:
    return {*environment(workload, maps), *(entry["name"] for entry in container_of(workload).get("env", []))}


def settings_of(workload: Manifest) -> tuple[type[BaseSettings], ...]:
    return SETTINGS[tuple(container_of(workload)["args"])]


def start(workload: Manifest, maps: dict[str, dict[str, str]]) -> None:
    """Reads the settings as the program does, which raises for what is wrong or missing."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("STRONGROOM_")]:
            patch.delenv(name)
        for name, value in environment(workload, maps).items():
            patch.setenv(name, value)
        for settings in settings_of(workload):
            settings()


@each_overlay
def test_every_name_is_a_setting_of_the_program(folder: Path) -> None:
    for workload in workloads(folder):
        read = {f"STRONGROOM_{field.upper()}" for one in settings_of(workload) for field in one.model_fields}
        assert names(workload, config_maps(folder)) - read - NOT_OURS - OF_TRACES == set(), name_of(workload)


@each_overlay
def test_the_programs_take_what_they_are_given(folder: Path) -> None:
    for workload in workloads(folder):
        start(workload, config_maps(folder))


@each_overlay
def test_so_they_do_with_what_kustomize_makes(folder: Path) -> None:
    manifests = applied(folder)
    maps = {name_of(one): one["data"] for one in of_kind(manifests, "ConfigMap")}
    for workload in of_kind(manifests, *WORKLOADS):
        start(workload, maps)
        assert names(workload, maps) == names(
            named(workloads(folder), workload["kind"], name_of(workload)), config_maps(folder)
        )


def test_whatever_runs_hears_of_the_collector_from_one_place() -> None:
    maps = config_maps(BASE)
    assert [name for name, values in maps.items() if OF_TRACES & set(values)] == ["everywhere"]
    for deployment in of_kind(altogether(BASE), "Deployment"):
        assert names(deployment, maps) >= OF_TRACES, name_of(deployment)


def test_the_base_alone_does_not_start() -> None:
    for workload in workloads(BASE):
        if container_of(workload)["args"] != ["auth_service", "migrate"]:
            with pytest.raises(ValidationError):
                start(workload, config_maps(BASE))


def test_readers_of_files_and_posters_of_webhooks_are_apart() -> None:
    for folder in OVERLAYS:
        works = {
            name: environment(named(altogether(folder), "Deployment", name), config_maps(folder))["STRONGROOM_WORK"]
            for name in ("file-worker", "file-webhooks")
        }
        assert works == {"file-worker": "insides", "file-webhooks": "webhooks"}

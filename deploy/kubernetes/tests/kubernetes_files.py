"""Reads the manifests: as they are written, and as they are applied."""

import functools
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import yaml

HERE = Path(__file__).parents[1]
BASE = HERE / "base"
OVERLAYS = sorted(path.parent for path in HERE.glob("overlays/*/kustomization.yaml"))
FOLDERS = [BASE, *OVERLAYS]

Manifest: TypeAlias = dict[str, Any]
WORKLOADS = ("Deployment", "Job")


def documents(file: Path) -> list[Manifest]:
    return list(_documents(file.read_text()))


@functools.cache
def kustomization(folder: Path) -> Manifest:
    (only,) = documents(folder / "kustomization.yaml")
    return only


def written(folder: Path) -> list[Manifest]:
    """All that the folder adds to what it is made of, but for its patches."""
    files = [folder / name for name in kustomization(folder)["resources"]]
    return [one for file in files if file.is_file() for one in documents(file)]


def altogether(folder: Path) -> list[Manifest]:
    """What is in the base too, as it is written there."""
    return written(folder) if folder == BASE else [*written(BASE), *written(folder)]


def applied(folder: Path) -> list[Manifest]:
    """As kustomize makes it; the test is skipped where there is none."""
    return list(_documents(_kustomized(folder)))


def _documents(text: str) -> Iterator[Manifest]:
    """Through libyaml, which takes a tenth of the time."""
    return iter(yaml.load_all(text, yaml.CSafeLoader))


@functools.cache
def _kustomized(folder: Path) -> str:
    if found := shutil.which("kustomize"):
        command = [found, "build"]
    elif found := shutil.which("kubectl"):
        command = [found, "kustomize"]
    else:
        pytest.skip("neither kustomize nor kubectl is here")
    answer = subprocess.run([*command, str(folder)], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def of_kind(manifests: Sequence[Manifest], *kinds: str) -> list[Manifest]:
    return [one for one in manifests if one["kind"] in kinds]


def name_of(manifest: Manifest) -> str:
    return str(manifest["metadata"]["name"])


def named(manifests: Sequence[Manifest], kind: str, name: str) -> Manifest:
    (only,) = [one for one in of_kind(manifests, kind) if name_of(one) == name]
    return only


def pod_of(workload: Manifest) -> Manifest:
    found: Manifest = workload["spec"]["template"]["spec"]
    return found


def container_of(workload: Manifest) -> Manifest:
    only: Manifest
    (only,) = pod_of(workload)["containers"]
    return only


def labels_of(workload: Manifest) -> Mapping[str, str]:
    return dict(workload["spec"]["template"]["metadata"]["labels"])


def selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether a label selector does, of the two forms that stand in here."""
    wanted = selector.get("matchLabels", {}).items()
    listed = selector.get("matchExpressions", [])
    assert all(one["operator"] == "In" for one in listed)
    return all(labels.get(key) == value for key, value in wanted) and all(
        labels.get(one["key"]) in one["values"] for one in listed
    )


def config_maps(folder: Path) -> dict[str, dict[str, str]]:
    """What is generated for the base and for `folder`, by the names that the manifests have for them."""
    found: dict[str, dict[str, str]] = {}
    for one in dict.fromkeys([BASE, folder]):
        for generated in kustomization(one).get("configMapGenerator", []):
            assert (generated["name"] in found) == (generated.get("behavior") == "merge"), generated["name"]
            found.setdefault(generated["name"], {}).update(one.split("=", 1) for one in generated["literals"])
    return found


def patched_by(folder: Path) -> list[Manifest]:
    """The patches that are manifests themselves."""
    files = [folder / patch["path"] for patch in kustomization(folder).get("patches", []) if "path" in patch]
    return [one for file in files for one in documents(file)]


def workloads(folder: Path) -> list[Manifest]:
    """All that runs, with what the folder's patches put into its environment."""
    found = of_kind(altogether(folder), *WORKLOADS)
    for patch in patched_by(folder):
        container_of(named(found, patch["kind"], name_of(patch)))["env"] += container_of(patch)["env"]
    return found


def targets(folder: Path) -> Iterator[tuple[str, str]]:
    """The kind and the name of what each patch is for."""
    for patch in kustomization(folder).get("patches", []):
        if "target" in patch:
            yield patch["target"]["kind"], patch["target"]["name"]
    for patch in patched_by(folder):
        yield patch["kind"], name_of(patch)

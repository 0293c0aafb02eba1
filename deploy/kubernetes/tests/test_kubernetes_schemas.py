"""What is written, and what is applied, are what Kubernetes takes: the oldest version that is meant, and the newest."""

from pathlib import Path

import pytest
from kubernetes_files import BASE, FOLDERS, HERE, OVERLAYS, applied, named, pod_of, written
from kubernetes_schemas import problems

VERSIONS = ("1.32", "1.37")

each_version = pytest.mark.parametrize("version", VERSIONS)


@each_version
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_each_manifest_is_valid_as_it_is_written(folder: Path, version: str) -> None:
    manifests = written(folder)
    assert manifests
    assert problems(manifests, version) == []


@each_version
@pytest.mark.parametrize("folder", OVERLAYS, ids=lambda folder: folder.name)
def test_what_kustomize_makes_of_them_is_valid(folder: Path, version: str) -> None:
    assert problems(applied(folder), version) == []


def test_the_readme_names_the_versions_that_are_tried() -> None:
    assert f"Kubernetes {VERSIONS[0]} and {VERSIONS[1]}" in (HERE / "README.md").read_text()


def test_a_misspelt_field_is_found() -> None:
    gateway = named(written(BASE), "Deployment", "gateway")
    pod_of(gateway)["terminationGracePeriod"] = 5
    (problem,) = problems([gateway], VERSIONS[0])
    assert "'terminationGracePeriod' was unexpected" in problem

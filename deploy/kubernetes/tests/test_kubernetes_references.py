"""The manifests fit each other: what one names is there in another one, or is made as the README says."""

import re
from pathlib import Path
from typing import Any

import pytest
from kubernetes_files import (
    BASE,
    FOLDERS,
    HERE,
    OVERLAYS,
    WORKLOADS,
    Manifest,
    altogether,
    applied,
    config_maps,
    container_of,
    kustomization,
    labels_of,
    name_of,
    named,
    of_kind,
    pod_of,
    selects,
    targets,
    workloads,
)

README = (HERE / "README.md").read_text()

each_folder = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
each_overlay = pytest.mark.parametrize("folder", OVERLAYS, ids=lambda folder: folder.name)


def ports_of(workload: Manifest) -> dict[str, int]:
    return {port["name"]: port["containerPort"] for port in container_of(workload).get("ports", [])}


def selected_by(manifests: list[Manifest], selector: dict[str, Any]) -> list[Manifest]:
    return [one for one in of_kind(manifests, *WORKLOADS) if selects(selector, labels_of(one))]


def secret_keys(workload: Manifest) -> set[tuple[str, str, bool]]:
    """The name of each secret that a workload reads, a key of it, and whether it may be missing."""
    sources = [entry.get("valueFrom", {}).get("secretKeyRef") for entry in container_of(workload).get("env", [])]
    return {(one["name"], one["key"], one.get("optional", False)) for one in sources if one}


@each_folder
def test_a_kustomization_has_every_file_of_its_folder(folder: Path) -> None:
    said = kustomization(folder)
    listed = {*said["resources"], *(patch["path"] for patch in said.get("patches", []) if "path" in patch)}
    there = {file.name for file in folder.iterdir()} - {"kustomization.yaml"}
    assert {name for name in listed if not name.startswith("../")} == there
    assert all((folder / name).exists() for name in listed)


@each_overlay
def test_patches_counts_and_images_are_for_something(folder: Path) -> None:
    manifests, said = altogether(folder), kustomization(folder)
    for kind, name in targets(folder):
        assert named(manifests, kind, name)
    for count in said.get("replicas", []):
        assert named(manifests, "Deployment", count["name"])
    images = {container_of(one)["image"] for one in of_kind(manifests, *WORKLOADS)}
    assert images == {image["name"] for image in said["images"]}


@each_folder
def test_a_workload_selects_its_own_pods_and_no_others(folder: Path) -> None:
    manifests = altogether(folder)
    for deployment in of_kind(manifests, "Deployment"):
        assert selected_by(manifests, deployment["spec"]["selector"]) == [deployment]
        for spread in pod_of(deployment)["topologySpreadConstraints"]:
            assert spread["labelSelector"] == deployment["spec"]["selector"]


@each_folder
def test_services_lead_to_ports_that_pods_have(folder: Path) -> None:
    manifests = altogether(folder)
    for service in of_kind(manifests, "Service"):
        (deployment,) = selected_by(manifests, {"matchLabels": service["spec"]["selector"]})
        for port in service["spec"]["ports"]:
            assert port["targetPort"] in ports_of(deployment)


@each_folder
def test_what_scales_and_what_is_protected_exists(folder: Path) -> None:
    manifests = altogether(folder)
    counted = {count["name"] for count in kustomization(folder).get("replicas", [])}
    for scaler in of_kind(manifests, "HorizontalPodAutoscaler"):
        target = named(manifests, "Deployment", scaler["spec"]["scaleTargetRef"]["name"])
        assert "replicas" not in target["spec"], "it and the autoscaler would take turns"
        assert name_of(target) not in counted
    for budget in of_kind(manifests, "PodDisruptionBudget"):
        assert [name_of(one) for one in selected_by(manifests, budget["spec"]["selector"])] == [name_of(budget)]


@each_folder
def test_network_policies_are_about_pods_and_ports_that_there_are(folder: Path) -> None:
    manifests = altogether(folder)
    for policy in of_kind(manifests, "NetworkPolicy"):
        about = selected_by(manifests, policy["spec"]["podSelector"])
        assert about, name_of(policy)
        for rule in policy["spec"].get("ingress", []):
            opened = {port["port"] for port in rule["ports"]}
            for workload in about:
                assert opened <= set(ports_of(workload).values()), name_of(policy)
            for peer in rule.get("from", []):
                assert "podSelector" not in peer or selected_by(manifests, peer["podSelector"])


@each_overlay
def test_an_ingress_leads_to_a_service(folder: Path) -> None:
    manifests = altogether(folder)
    for ingress in of_kind(manifests, "Ingress"):
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                service = named(manifests, "Service", path["backend"]["service"]["name"])
                assert path["backend"]["service"]["port"]["name"] in {port["name"] for port in service["spec"]["ports"]}


@each_folder
def test_volumes_are_mounted_and_mounts_have_volumes(folder: Path) -> None:
    for workload in of_kind(altogether(folder), *WORKLOADS):
        volumes = {volume["name"] for volume in pod_of(workload)["volumes"]}
        assert volumes == {mount["name"] for mount in container_of(workload)["volumeMounts"]}


@each_folder
def test_config_maps_that_are_read_are_made_and_the_others_are_not(folder: Path) -> None:
    read = {
        source["configMapRef"]["name"]
        for workload in workloads(folder)
        for source in container_of(workload).get("envFrom", [])
    }
    assert read == set(config_maps(folder))


@each_overlay
def test_kustomize_names_the_config_maps_as_they_are_read(folder: Path) -> None:
    manifests = applied(folder)
    made = {name_of(one) for one in of_kind(manifests, "ConfigMap")}
    for workload in of_kind(manifests, *WORKLOADS):
        assert {source["configMapRef"]["name"] for source in container_of(workload).get("envFrom", [])} <= made


def test_no_secret_is_written_here() -> None:
    assert not [one for folder in FOLDERS for one in of_kind(altogether(folder), "Secret")]
    assert not any("secretGenerator" in kustomization(folder) for folder in FOLDERS)


def test_the_readme_makes_every_secret_that_is_needed() -> None:
    made = {
        (name, key)
        for name, rest in re.findall(r"create secret generic (\S+)((?: \\\n.*|.)*)", README)
        for key in re.findall(r"--from-(?:literal|file)=([a-z-]+)=", rest)
    }
    wanted = {one for folder in FOLDERS for workload in workloads(folder) for one in secret_keys(workload)}
    assert {(name, key) for name, key, optional in wanted if not optional} <= made
    assert made <= {(name, key) for name, key, _ in wanted}


def test_what_is_applied_first_needs_nothing_that_is_applied_later() -> None:
    manifests = altogether(BASE)
    first = [one for one in manifests if one["metadata"].get("labels", {}).get("strongroom/step") == "prepare"]
    assert {one["kind"] for one in manifests if one not in first} == {"Deployment", "Service"}
    assert kustomization(BASE)["generatorOptions"]["labels"] == {"strongroom/step": "prepare"}

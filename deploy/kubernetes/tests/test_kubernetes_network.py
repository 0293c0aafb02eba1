"""Who may speak with whom: the policies add up to what is meant, and to nothing else."""

from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
from kubernetes_files import BASE, OVERLAYS, altogether, labels_of, name_of, of_kind, selects, workloads

PRIVATE = ("10.0.0.1", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.31.0.1", "192.168.1.1", "::1", "fd00::1")
PUBLIC = ("93.184.216.34", "2606:2800:220:1::1")
NAMES = "names"
FIGURES_APART = ("gateway", "file-worker", "file-webhooks")

each_overlay = pytest.mark.parametrize("folder", OVERLAYS, ids=lambda folder: folder.name)


def rules(folder: Path, name: str, direction: str) -> list[tuple[str, dict[str, Any]]]:
    """Of one workload, with the name of the policy that each is from."""
    (labels,) = [labels_of(one) for one in workloads(folder) if name_of(one) == name]
    return [
        (name_of(policy), rule)
        for policy in of_kind(altogether(folder), "NetworkPolicy")
        if selects(policy["spec"]["podSelector"], labels)
        for rule in policy["spec"].get(direction, [])
    ]


def callers(folder: Path, name: str) -> set[str]:
    """Of the workloads in here, at port 8000."""
    found, all_of_them = set(), workloads(folder)
    for _, rule in rules(folder, name, "ingress"):
        for peer in rule.get("from", []):
            if "podSelector" in peer and any(port["port"] == 8000 for port in rule["ports"]):
                found |= {name_of(one) for one in all_of_them if selects(peer["podSelector"], labels_of(one))}
    return found


def reaches(rule: dict[str, Any], address: str) -> bool:
    wanted = ip_address(address)
    for block in [peer["ipBlock"] for peer in rule["to"] if "ipBlock" in peer]:
        if wanted in ip_network(block["cidr"]):
            return not any(wanted in ip_network(one) for one in block.get("except", []))
    return False


def test_whatever_no_policy_allows_is_refused() -> None:
    (everything,) = [one for one in of_kind(altogether(BASE), "NetworkPolicy") if name_of(one) == "nothing-else"]
    assert everything["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_every_policy_says_which_directions_it_has_rules_for() -> None:
    for folder in [BASE, *OVERLAYS]:
        for policy in of_kind(altogether(folder), "NetworkPolicy"):
            told = {direction.lower() for direction in policy["spec"]["policyTypes"]}
            has = {direction for direction in ("ingress", "egress") if direction in policy["spec"]}
            assert has <= told, name_of(policy)
            assert name_of(policy) == "nothing-else" or told == has


@each_overlay
def test_the_services_are_called_by_the_gateway_and_by_each_other(folder: Path) -> None:
    assert callers(folder, "auth-service") == {"gateway", "file-service"}
    assert callers(folder, "file-service") == {"gateway", "auth-service"}
    for name in ("auth-migrate", "file-migrate"):
        assert rules(folder, name, "ingress") == []


@each_overlay
def test_prometheus_reaches_figures_and_at_workers_nothing_else_comes_in(folder: Path) -> None:
    monitoring = [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}]
    for name, port in (("auth-service", 8000), ("file-service", 8000), *((name, 9100) for name in FIGURES_APART)):
        allowed = [rule for _, rule in rules(folder, name, "ingress") if rule.get("from") == monitoring]
        assert allowed == [{"from": monitoring, "ports": [{"protocol": "TCP", "port": port}]}], name
        open_to_others = [rule for _, rule in rules(folder, name, "ingress") if rule.get("from") != monitoring]
        assert all(one["port"] != 9100 for rule in open_to_others for one in rule["ports"])
        assert not open_to_others or not name.startswith("file-w")


@each_overlay
def test_only_webhooks_and_mails_go_out_and_to_nobody_private(folder: Path) -> None:
    for workload in workloads(folder):
        out = [rule for policy, rule in rules(folder, name_of(workload), "egress") if policy != NAMES]
        found = {address for rule in out for address in (*PUBLIC, *PRIVATE) if reaches(rule, address)}
        expected = set(PUBLIC) if name_of(workload) in {"auth-service", "file-webhooks"} else set()
        assert found == expected, name_of(workload)


@each_overlay
def test_what_reads_files_reaches_the_database_the_store_and_a_collector_and_nothing_else(folder: Path) -> None:
    reached = {policy for policy, _ in rules(folder, "file-worker", "egress")}
    assert reached == {NAMES, "to-database", "to-store", "to-collector"}


@each_overlay
def test_whatever_makes_spans_reaches_the_collector(folder: Path) -> None:
    sending = {
        name_of(one)
        for one in workloads(folder)
        if "to-collector" in {policy for policy, _ in rules(folder, name_of(one), "egress")}
    }
    assert sending == {name_of(one) for one in of_kind(workloads(folder), "Deployment")}


@each_overlay
def test_the_gateway_is_open_to_whom_the_overlay_says(folder: Path) -> None:
    assert "gateway-is-called" in {policy for policy, _ in rules(folder, "gateway", "ingress")}
    assert "gateway-is-called" not in {policy for policy, _ in rules(BASE, "gateway", "ingress")}

"""Prometheus finds the figures of every pod at the port that it has, under the names that the alerts know."""

import re
from typing import Any

import yaml
from kubernetes_files import BASE, HERE, altogether, config_maps, container_of, documents, labels_of, of_kind, selects

NAME = "app.kubernetes.io/name"
MONITORS = documents(HERE / "monitoring/pod-monitors.yaml")
PROMETHEUS = yaml.safe_load((HERE.parent / "observability/prometheus.yml").read_text())
PODS = [labels_of(one) for one in of_kind(altogether(BASE), "Deployment")]
LISTENING = {"gateway": ("gateway", "STRONGROOM_METRICS_LISTEN")} | dict.fromkeys(
    ("file-worker", "file-webhooks"), ("workers", "STRONGROOM_WORKER_METRICS_LISTEN")
)


def ports() -> dict[str, dict[str, int]]:
    return {
        labels_of(one)[NAME]: {port["name"]: port["containerPort"] for port in container_of(one)["ports"]}
        for one in of_kind(altogether(BASE), "Deployment")
    }


def job(endpoint: dict[str, Any], name: str) -> str:
    (found,) = [rule for rule in endpoint["relabelings"] if re.fullmatch(rule["regex"], name)]
    assert found["targetLabel"] == "job"
    return str(found["replacement"])


def test_every_pod_is_asked_once_under_the_name_and_at_the_port_that_compose_has() -> None:
    wanted = {
        (name, asked["job_name"], address["port"])
        for asked in PROMETHEUS["scrape_configs"]
        for address in asked["dns_sd_configs"]
        for name in address["names"]
    }
    found = [
        (labels[NAME], job(endpoint, labels[NAME]), ports()[labels[NAME]][endpoint["port"]])
        for monitor in MONITORS
        for endpoint in monitor["spec"]["podMetricsEndpoints"]
        for labels in PODS
        if selects(monitor["spec"]["selector"], labels)
    ]
    assert sorted(found) == sorted(wanted)
    assert {name for name, _, _ in found} == {labels[NAME] for labels in PODS}


def test_figures_are_served_at_the_port_that_is_called_so() -> None:
    maps = config_maps(BASE)
    for name, (config, setting) in LISTENING.items():
        assert maps[config][setting] == f"0.0.0.0:{ports()[name]['metrics']}"

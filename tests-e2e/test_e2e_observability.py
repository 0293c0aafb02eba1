"""The alerts and the dashboard ask for what there really is, and nobody outside can ask for it."""

import base64
import json
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import dashboard
import httpx2
import promql_parser
import pytest
import yaml
from prometheus_client import CollectorRegistry, generate_latest

from auth_service.app import create_app as auth_app
from auth_service.settings import AuthSettings
from file_service.app import create_app as file_app
from file_service.settings import FileSettings, WorkerSettings
from file_service.storage import bucket
from file_service.storage.minio_object_store import MinioObjectStore, connect
from file_service.work import working
from gateway.app import build
from gateway.settings import GatewaySettings
from strongroom.database import Database
from strongroom_embedded.seaweed import EmbeddedSeaweed

ROOT = Path(__file__).parents[1]
OBSERVABILITY = ROOT / "deploy" / "observability"
RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load((OBSERVABILITY / "alerts.yml").read_text())["groups"] for rule in group["rules"]
]
PANELS: list[dict[str, Any]] = [one for one in dashboard.dashboard()["panels"] if one["type"] != "row"]
QUERIES = [rule["expr"] for rule in RULES] + [line["expr"] for panel in PANELS for line in panel["targets"]]
# Prometheus' own, and those of the node exporter, which is named in prometheus.yml.
ELSEWHERE = {"up", "node_filesystem_avail_bytes", "node_filesystem_size_bytes"}

Serve = Callable[..., Awaitable[str]]


def names_in(query: str) -> set[str]:
    """Also makes sure that it can be read."""
    found: set[str] = set()

    def visit(one: Any) -> None:
        if isinstance(one, promql_parser.VectorSelector) and one.name:
            found.add(one.name)

    promql_parser.walk(promql_parser.parse(query.replace("$__rate_interval", "1m")), visit)
    return found


def names_told(text: str) -> set[str]:
    """Of all that a page announces, also where there is nothing of it yet."""
    names: set[str] = set()
    for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE):
        ends = ("_bucket", "_sum", "_count") if kind == "histogram" else ("",)
        names |= {name + end for end in ends}
    return names


@pytest.fixture
def databases(make_database: Callable[[Path], str]) -> dict[str, str]:
    return {name: make_database(ROOT / name / "migrations") for name in ("auth-service", "file-service")}


@pytest.fixture
def auth_settings(databases: dict[str, str], tmp_path: Path) -> AuthSettings:
    return AuthSettings.model_validate(
        {
            "database_url": databases["auth-service"],
            "master_key": base64.b64encode(os.urandom(32)).decode(),
            "public_url": "http://strongroom.test",
            "mail_dir": tmp_path,
        }
    )


@pytest.fixture
def file_values(databases: dict[str, str], object_server: EmbeddedSeaweed) -> dict[str, Any]:
    return {
        "database_url": databases["file-service"],
        "s3_endpoint": object_server.endpoint,
        "s3_access_key": object_server.access_key,
        "s3_secret_key": object_server.secret_key,
        "s3_bucket": f"test-{uuid4().hex}",
    }


@pytest.fixture
async def origins(
    auth_settings: AuthSettings, file_values: dict[str, Any], object_server: EmbeddedSeaweed, serve: Serve
) -> dict[str, str]:
    """Of the three services, and of the gateway's figures."""
    s3 = connect(object_server.endpoint, object_server.access_key, object_server.secret_key, "us-east-1")
    bucket.prepare(s3, file_values["s3_bucket"])
    auth = await serve(auth_app(auth_settings))
    values = {**file_values, "public_url": auth_settings.public_url, "auth_url": auth}
    files = await serve(file_app(FileSettings.model_validate(values)))
    door = {"public_url": auth_settings.public_url, "auth_url": auth, "files_url": files}
    gateway = build(GatewaySettings.model_validate(door | {"metrics_listen": "127.0.0.1:0"}))
    address = await serve(gateway.app, gateway.door.connection)
    figures = f"http://127.0.0.1:{gateway.metrics.port}"
    return {"auth": auth, "files": files, "gateway": address, "figures of the gateway": figures}


@pytest.fixture
async def worker_registry(
    file_values: dict[str, Any], object_server: EmbeddedSeaweed, origins: dict[str, str]
) -> AsyncIterator[CollectorRegistry]:
    s3 = connect(object_server.endpoint, object_server.access_key, object_server.secret_key, "us-east-1")
    registry = CollectorRegistry()
    settings = WorkerSettings.model_validate(file_values)
    async with AsyncExitStack() as stack:
        database, store = Database(file_values["database_url"]), MinioObjectStore(s3, file_values["s3_bucket"])
        stack.push_async_callback(database.aclose)
        stack.push_async_callback(store.aclose)
        await stack.enter_async_context(working(settings, database, store, told_in=registry))
        yield registry


async def test_every_name_that_is_asked_for_is_told_by_somebody(
    origins: dict[str, str], worker_registry: CollectorRegistry, http: httpx2.AsyncClient
) -> None:
    pages = [generate_latest(worker_registry).decode()]
    for name in ("auth", "files", "figures of the gateway"):
        answer = await http.get(f"{origins[name]}/metrics")
        assert answer.status_code == 200
        pages.append(answer.text)
    told = {name for page in pages for name in names_told(page)}
    asked = {name for query in QUERIES for name in names_in(query)}
    assert len(asked) > 20
    assert asked - told - ELSEWHERE == set()


async def test_the_gateway_passes_nobody_on_to_figures(origins: dict[str, str], http: httpx2.AsyncClient) -> None:
    for name in ("auth", "files"):
        assert "strongroom_http_requests" in (await http.get(f"{origins[name]}/metrics")).text

    async def asked(path: str) -> httpx2.Response:
        """As it is written: a client would take the dots away."""
        return await http.send(httpx2.Request("GET", origins["gateway"], extensions={"target": path.encode()}))

    assert (await asked("/livez")).json() == {"status": "ok"}
    for path in (
        "/metrics",
        "//metrics",
        "/auth/metrics",
        "/files/metrics",
        "/files/../metrics",
        "/files/%2e%2e/metrics",
        "/auth/..%2fmetrics",
        "/s/../metrics",
        "/.well-known/../metrics",
        "/files//metrics",
    ):
        answer = await asked(path)
        assert answer.status_code in range(400, 500), path
        assert "strongroom_http" not in answer.text


async def test_readiness_names_everything_that_a_process_needs(
    origins: dict[str, str], http: httpx2.AsyncClient
) -> None:
    async def told(name: str) -> dict[str, Any]:
        return dict((await http.get(f"{origins[name]}/readyz")).json())

    assert (await told("auth"))["checks"].keys() == {"database", "revocations"}
    assert (await told("files"))["checks"].keys() == {"database", "store", "revocations"}
    assert (await told("gateway"))["services"].keys() == {"gateway", "auth", "files"}


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_every_alert_says_what_it_means_and_what_to_do(rule: dict[str, Any]) -> None:
    assert names_in(rule["expr"])
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["annotations"]["summary"]
    page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
    headings = re.findall(r"^## (.+)$", (ROOT / page).read_text(), re.MULTILINE)
    sections = re.split(r"^## .+$", (ROOT / page).read_text(), flags=re.MULTILINE)[1:]
    assert anchor in [heading.lower().replace(" ", "-") for heading in headings]
    place = [heading.lower().replace(" ", "-") for heading in headings].index(anchor)
    assert f"`{rule['alert']}`" in sections[place]


def test_every_section_of_the_runbooks_is_of_an_alert() -> None:
    named = set(re.findall(r"`(Strongroom\w+)`", (ROOT / "docs/runbooks.md").read_text()))
    assert named == {rule["alert"] for rule in RULES}


def test_the_dashboard_is_as_it_is_written() -> None:
    assert dashboard.TARGET.read_text() == dashboard.written()
    assert len({panel["id"] for panel in json.loads(dashboard.written())["panels"]}) == len(
        dashboard.dashboard()["panels"]
    )


def test_prometheus_asks_those_that_compose_starts() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    for job in yaml.safe_load((OBSERVABILITY / "prometheus.yml").read_text())["scrape_configs"]:
        for asked in job["dns_sd_configs"]:
            for name in asked["names"]:
                listens = [
                    value for key, value in services[name]["environment"].items() if key.endswith("METRICS_LISTEN")
                ]
                assert listens == ([f"0.0.0.0:{asked['port']}"] if asked["port"] != 8000 else [])


def test_grafana_is_shown_what_is_there() -> None:
    sources = yaml.safe_load((OBSERVABILITY / "grafana/datasources/strongroom.yml").read_text())["datasources"]
    used = {panel["datasource"]["uid"] for panel in PANELS}
    assert used <= {source["uid"] for source in sources}
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    assert {urlsplit(source["url"]).hostname for source in sources} <= set(services)

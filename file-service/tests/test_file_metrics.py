"""What the service tells Prometheus and administrators about stored bytes."""

import asyncio
import io
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest
from file_client import FileClient
from minio import Minio
from plain_settings import plain
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families
from starlette.types import ASGIApp
from upkeep_rig import Rig

from file_service.app import create_app
from file_service.settings import FileSettings, WorkerSettings
from file_service.storage.minio_object_store import MinioObjectStore
from file_service.work import working
from strongroom.database import Database
from strongroom.web.metrics_server import MetricsServer

ADMIN = "files:read files:write admin"


@pytest.fixture
async def settings(settings: FileSettings) -> FileSettings:
    """The service's own chores keep out of it."""
    return settings.model_copy(update={"scrub_days": 0, "sweep_hours": 0})


def samples(text: str) -> dict[str, float]:
    families: Any = text_string_to_metric_families(text)
    return {one.name: one.value for family in families for one in family.samples}


async def test_metrics_are_told_in_both_forms_of_prometheus(ada: FileClient) -> None:
    answer = await ada.http.get(f"{ada.origin}/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    told = samples(answer.text)
    assert set(told) >= {
        "strongroom_files_scrubbed_bytes_total",
        "strongroom_files_orphans_found_total",
        "strongroom_files_orphans_deleted_total",
        "strongroom_files_damaged_versions",
        "strongroom_files_missing_versions",
        "strongroom_files_scrub_age_seconds",
        "strongroom_files_sweep_age_seconds",
    }
    assert told["process_resident_memory_bytes"] > 0
    accepted = {"Accept": "application/openmetrics-text;version=1.0.0"}
    answer = await ada.http.get(f"{ada.origin}/metrics", headers=accepted)
    assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    families = open_metrics(answer.text)  # type: ignore[no-untyped-call]
    assert "strongroom_files_orphans_found" in {family.name for family in families}


async def test_two_applications_in_a_process_count_apart(
    settings: FileSettings, serve: Callable[[ASGIApp], Awaitable[str]], http: httpx2.AsyncClient
) -> None:
    for origin in [await serve(create_app(settings)), await serve(create_app(settings))]:
        assert (await http.get(f"{origin}/metrics")).status_code == 200


async def test_metrics_are_no_part_of_the_documented_api(ada: FileClient) -> None:
    paths = (await ada.http.get(f"{ada.origin}/openapi.json")).json()["paths"]
    assert "/metrics" not in paths
    assert "/files/integrity" in paths


async def test_the_chores_of_the_service_do_their_work(
    settings: FileSettings,
    ada: FileClient,
    serve: Callable[[ASGIApp], Awaitable[str]],
    database: Database,
    s3: Minio,
    bucket_name: str,
) -> None:
    for name in ("right", "damaged", "missing"):
        await ada.upload(b"hello", name)
    async with database.begin() as tx:
        await tx.exec_driver_sql("update files.file_versions set verified_at = now() - interval '31 days'")
        rows = await tx.exec_driver_sql("select path, object_key from files.files")
        keys = {row.path: row.object_key for row in rows}
    s3.remove_object(bucket_name=bucket_name, object_name=keys["missing"])
    s3.put_object(bucket_name=bucket_name, object_name=keys["damaged"], data=io.BytesIO(b"hallo"), length=5)
    at_once = settings.model_copy(update={"upkeep_after_seconds": 0.1})
    at_work = at_once.model_copy(update={"scrub_days": 30, "sweep_hours": 6})
    origin = await serve(create_app(at_work))
    async with asyncio.timeout(20):
        while samples((await ada.http.get(f"{origin}/metrics")).text)["strongroom_files_scrubbed_bytes_total"] < 10:
            pass
        while await unswept(database):
            pass
    # Another replica tells the same, though it found nothing of it.
    origin = await serve(create_app(at_once))
    async with asyncio.timeout(20):
        while (told := samples((await ada.http.get(f"{origin}/metrics")).text))[
            "strongroom_files_missing_versions"
        ] < 1:
            pass
    assert told["strongroom_files_damaged_versions"] == 1
    assert told["strongroom_files_scrub_age_seconds"] < 60
    assert told["strongroom_files_sweep_age_seconds"] < 60


async def unswept(database: Database) -> bool:
    async with database.reading() as connection:
        found = await connection.exec_driver_sql("select count(*) from files.rounds where chore <> 'unread'")
        return int(found.scalar_one()) < 3  # the scrub, the sweep and the recount


async def test_ages_grow_until_a_chore_is_done_and_are_endless_before(rig: Rig) -> None:
    await rig.integrity.tell_metrics()
    assert rig.counted("scrub_age_seconds") == rig.counted("sweep_age_seconds") == float("inf")
    await rig.scrub().turn()
    await rig.sweep().turn()
    await rig.integrity.tell_metrics()
    rig.clock.forward(hours=1)
    for name in ("scrub_age_seconds", "sweep_age_seconds"):
        assert rig.counted(name) == pytest.approx(3600, abs=30)


async def test_only_administrators_see_what_is_damaged(client_of: Callable[..., FileClient]) -> None:
    assert (await client_of().get("/files/integrity")).status_code == 403
    assert (await client_of(scope=ADMIN).get("/files/integrity")).json() == {
        "items": [],
        "next_cursor": None,
        "damaged": 0,
        "missing": 0,
        "scrubbed_at": None,
        "swept_at": None,
    }


async def test_faulty_versions_are_listed_page_by_page(
    client_of: Callable[..., FileClient], rig: Rig, s3: Minio, bucket_name: str
) -> None:
    ada, admin = client_of(), client_of(scope=ADMIN)
    file = (await ada.upload(b"hello", "a")).json()
    await ada.upload(b"hello", "a")
    for name in ("b", "right", "c"):
        await ada.upload(b"hello", name)
    gone, rotten = [await rig.key("a", 1), await rig.key("b")], [await rig.key("a"), await rig.key("c")]
    await rig.store.delete(gone)
    for key in rotten:
        s3.put_object(bucket_name=bucket_name, object_name=key, data=io.BytesIO(b"hallo"), length=5)
    rig.clock.forward(days=31)
    await rig.scrub().turn()
    await rig.sweep().turn()
    found: list[Any] = []
    cursor = None
    while cursor is not None or not found:
        answer = (await admin.get("/files/integrity", limit=1, **({"cursor": cursor} if cursor else {}))).json()
        found += answer["items"]
        cursor = answer["next_cursor"]
        assert (answer["damaged"], answer["missing"]) == (2, 2)
        assert answer["scrubbed_at"] is not None
        assert answer["swept_at"] is not None
    assert [(one["path"], one["version"], one["missing_at"] is None) for one in found] == [
        ("a", 1, False),
        ("a", 2, True),
        ("b", 1, False),
        ("c", 1, True),
    ]
    assert found[0] | {"missing_at": None} == {
        "file_id": file["id"],
        "version": 1,
        "owner_id": ada.account,
        "path": "a",
        "size": 5,
        "sha256": file["sha256"],
        "object_key": gone[0],
        "damaged_at": None,
        "missing_at": None,
    }


@pytest.mark.parametrize(
    "cursor", ["garbage", "WyJhIiwgIjEiXQ", "WyIwMTlhMTA2NC02NDFiLTc1NjEtYWU5YS05YWZhMWIxMjAyMDgiLCAiLTEiXQ"]
)
async def test_a_cursor_that_was_never_given_out_is_refused(client_of: Callable[..., FileClient], cursor: str) -> None:
    answer = await client_of(scope=ADMIN).get("/files/integrity", cursor=cursor)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:problem-type:strongroom:invalid-cursor")


@pytest.mark.parametrize("accept", ["application/openmetrics-text;version=abc", "text/plain;version=x", "*;version"])
async def test_metrics_are_told_to_who_asks_for_a_version_that_is_none(ada: FileClient, accept: str) -> None:
    answer = await ada.http.get(f"{ada.origin}/metrics", headers={"Accept": accept})
    assert answer.status_code == 200
    assert "strongroom_files_damaged_versions" in answer.text


async def test_the_service_tells_of_its_requests_its_pool_its_jobs_and_its_tokens(ada: FileClient) -> None:
    await ada.upload(b"hello")
    lines = (await ada.get("/metrics")).text.splitlines()
    for line in (
        'strongroom_http_requests_total{method="POST",route="/files/upload",status="2xx"} 1.0',
        "strongroom_database_pool_size 20.0",
        'strongroom_job_oldest_due_seconds{name="deliver"} 0.0',
        'strongroom_tokens_verified_total{how="cold"} 1.0',
        "strongroom_event_listeners 0.0",
        "strongroom_webhook_deliveries_pending 0.0",
        "strongroom_webhook_oldest_pending_seconds 0.0",
    ):
        assert line in lines
    received = 'strongroom_http_received_bytes_total{method="POST",route="/files/upload"}'
    [bytes_in] = [line for line in lines if line.startswith(received)]
    assert float(bytes_in.split()[1]) > len(b"hello")


async def test_a_method_in_a_header_is_the_one_that_is_counted(ada: FileClient) -> None:
    headers = {**ada.headers, "X-HTTP-Method-Override": "DELETE", "Tus-Resumable": "1.0.0"}
    await ada.http.post(f"{ada.origin}/files/uploads/01a20f6c-e4fa-76e3-be63-e0b65c01e5a3", headers=headers)
    text = (await ada.get("/metrics")).text
    assert 'strongroom_http_requests_total{method="DELETE",route="/files/uploads/{upload_id}",status="4xx"} 1.0' in text


async def test_listeners_and_what_they_are_sent_are_counted(ada: FileClient) -> None:
    headers = {**ada.headers, "Accept": "text/event-stream"}
    async with ada.http.stream("GET", f"{ada.origin}/files/events", headers=headers) as answer:
        lines = answer.aiter_lines()
        await anext(lines)
        assert samples((await ada.get("/metrics")).text)["strongroom_event_listeners"] == 1
        await ada.upload(b"hello")
        while not (await anext(lines)).startswith("data:"):
            pass
        assert samples((await ada.get("/metrics")).text)["strongroom_events_sent_total"] >= 1
    async with asyncio.timeout(20):
        while (told := samples((await ada.get("/metrics")).text))["strongroom_event_listeners"]:
            pass
    assert told["strongroom_events_sent_total"] >= 1


async def test_the_worker_tells_what_came_of_files_on_an_address_of_its_own(
    settings: FileSettings, database: Database, store: MinioObjectStore, ada: FileClient
) -> None:
    wanted = WorkerSettings.model_validate(plain(settings) | {"worker_metrics_listen": "127.0.0.1:0"})
    with MetricsServer(wanted.worker_metrics_listen) as server:
        async with working(wanted, database, store, background=False, told_in=server.registry):
            good = (await ada.upload(b"hello there", "a.txt")).json()
            bad = (await ada.upload(b"%PDF-1.7 nothing of the kind", "a.pdf", "application/pdf")).json()
            await ada.derived(good["id"])
            await ada.derived(bad["id"])
            text = (await ada.http.get(f"http://127.0.0.1:{server.port}/metrics")).text
    assert 'strongroom_parser_runs_total{outcome="done",parser="document"} 1.0' in text
    assert 'outcome="unreadable"' in text
    assert 'strongroom_parser_run_duration_seconds_count{parser="document"} 1.0' in text
    assert 'strongroom_webhook_attempts_total{outcome="delivered"} 0.0' in text

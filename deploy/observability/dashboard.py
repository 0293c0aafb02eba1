"""Writes the dashboard: `python deploy/observability/dashboard.py`. What it shows is the list below."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent / "grafana" / "dashboards" / "strongroom.json"
_WIDTH, _HEIGHT, _COLUMNS = 8, 8, 3
_SOURCE = {"type": "prometheus", "uid": "prometheus"}


@dataclass(frozen=True, slots=True)
class Panel:
    """`lines` are queries with what each is called; the unit is one of Grafana's."""

    title: str
    unit: str
    lines: tuple[tuple[str, str], ...]


def _rate(metric: str, by: str, more: str = "") -> str:
    return f"sum by ({by}) (rate({metric}{{{more}}}[$__rate_interval]))"


def _quantile(share: float, metric: str, by: str, more: str = "") -> str:
    return f"histogram_quantile({share}, {_rate(f'{metric}_bucket', f'{by}, le', more)})"


_SECONDS = "strongroom_http_request_duration_seconds"
_READS = 'method="GET", route!="/auth/revocations"'

PANELS: dict[str, tuple[Panel, ...]] = {
    "What clients see": (
        Panel("Requests", "reqps", ((_rate("strongroom_gateway_requests_total", "service"), "{{service}}"),)),
        Panel(
            "Failures",
            "reqps",
            (
                (
                    _rate("strongroom_gateway_requests_total", "service, status", 'status=~"5.."'),
                    "{{service}} {{status}}",
                ),
            ),
        ),
        Panel(
            "Duration, p50 and p99",
            "s",
            tuple(
                (_quantile(share, "strongroom_gateway_request_duration_seconds", "service"), f"{{{{service}}}} {share}")
                for share in (0.5, 0.99)
            ),
        ),
    ),
    "Services": (
        Panel(
            "Requests by status",
            "reqps",
            ((_rate("strongroom_http_requests_total", "job, status"), "{{job}} {{status}}"),),
        ),
        Panel("Slowest reads, p99", "s", ((f"topk(10, {_quantile(0.99, _SECONDS, 'route', _READS)})", "{{route}}"),)),
        Panel(
            "Bytes",
            "Bps",
            (
                (_rate("strongroom_http_received_bytes_total", "job"), "{{job}} in"),
                (_rate("strongroom_http_sent_bytes_total", "job"), "{{job}} out"),
            ),
        ),
        Panel(
            "Database connections",
            "short",
            (
                ("strongroom_database_pool_in_use", "{{job}} in use"),
                ("strongroom_database_pool_waiting", "{{job}} waiting"),
                ("strongroom_database_pool_size", "{{job}} at most"),
            ),
        ),
        Panel(
            "Connections of clients, and requests under way",
            "short",
            (
                ("strongroom_gateway_clients", "clients"),
                ("strongroom_gateway_outstanding", "{{service}} {{address}}"),
            ),
        ),
        Panel("Memory", "bytes", (('process_resident_memory_bytes{job=~"strongroom-.+"}', "{{job}} {{instance}}"),)),
    ),
    "Tokens": (
        Panel("Judged", "ops", ((_rate("strongroom_tokens_verified_total", "job, how"), "{{job}} {{how}}"),)),
        Panel("Refused", "ops", ((_rate("strongroom_tokens_refused_total", "job, reason"), "{{job}} {{reason}}"),)),
        Panel(
            "Age of revocations and keys",
            "s",
            (
                ("strongroom_revocation_feed_age_seconds", "{{job}} revocations"),
                ("strongroom_jwks_age_seconds", "{{job}} keys"),
            ),
        ),
    ),
    "Work that waits": (
        Panel("Jobs", "short", (("max by (job, name, state) (strongroom_jobs)", "{{name}} {{state}}"),)),
        Panel("Oldest that is due", "s", (("max by (job, name) (strongroom_job_oldest_due_seconds)", "{{name}}"),)),
        Panel(
            "Files read", "ops", ((_rate("strongroom_parser_runs_total", "parser, outcome"), "{{parser}} {{outcome}}"),)
        ),
        Panel(
            "Reading a file, p90",
            "s",
            ((_quantile(0.9, "strongroom_parser_run_duration_seconds", "parser"), "{{parser}}"),),
        ),
        Panel("Webhooks by outcome", "ops", ((_rate("strongroom_webhook_attempts_total", "outcome"), "{{outcome}}"),)),
        Panel(
            "Webhooks that wait",
            "short",
            (
                ("max(strongroom_webhook_deliveries_pending)", "deliveries"),
                ("max(strongroom_webhook_oldest_pending_seconds)", "seconds of the oldest"),
            ),
        ),
        Panel("Listeners to events", "short", (("strongroom_event_listeners", "{{instance}}"),)),
        Panel("Events sent", "ops", ((_rate("strongroom_events_sent_total", "instance"), "{{instance}}"),)),
    ),
    "Stored bytes": (
        Panel(
            "Damaged and missing versions",
            "short",
            (
                ("max(strongroom_files_damaged_versions)", "damaged"),
                ("max(strongroom_files_missing_versions)", "missing"),
            ),
        ),
        Panel(
            "Compared with their checksums",
            "Bps",
            (("sum(rate(strongroom_files_scrubbed_bytes_total[$__rate_interval]))", "bytes"),),
        ),
        Panel(
            "Orphans deleted", "short", (("sum(increase(strongroom_files_orphans_deleted_total[1h]))", "in an hour"),)
        ),
    ),
}


def dashboard() -> dict[str, Any]:
    panels: list[dict[str, Any]] = []
    top = 0
    for row, members in PANELS.items():
        panels.append({"type": "row", "title": row, "id": len(panels) + 1, "gridPos": _place(0, top, 24, 1)})
        for number, panel in enumerate(members):
            down, across = divmod(number, _COLUMNS)
            place = _place(across * _WIDTH, top + 1 + down * _HEIGHT, _WIDTH, _HEIGHT)
            panels.append(_panel(panel, len(panels) + 1, place))
        top += 1 + _HEIGHT * -(-len(members) // _COLUMNS)
    return {
        "uid": "strongroom",
        "title": "Strongroom",
        "schemaVersion": 39,
        "time": {"from": "now-3h", "to": "now"},
        "refresh": "30s",
        "panels": panels,
    }


def _panel(panel: Panel, number: int, place: dict[str, int]) -> dict[str, Any]:
    return {
        "type": "timeseries",
        "title": panel.title,
        "id": number,
        "gridPos": place,
        "datasource": _SOURCE,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + index), "datasource": _SOURCE, "expr": query, "legendFormat": called}
            for index, (query, called) in enumerate(panel.lines)
        ],
    }


def _place(x: int, y: int, width: int, height: int) -> dict[str, int]:
    return {"x": x, "y": y, "w": width, "h": height}


def written() -> str:
    return json.dumps(dashboard(), indent=1) + "\n"


if __name__ == "__main__":
    TARGET.write_text(written())

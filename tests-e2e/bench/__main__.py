"""`make bench`: measures, prints a table, and saves it with JSON and a picture in the folder given."""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2] / "file-service" / "tests"))

from bench.chart import chart
from bench.client_library import client_library
from bench.console import console
from bench.grants import grants
from bench.listeners import listeners
from bench.machine import describe
from bench.page import page, table
from bench.pages import pages
from bench.proxies import proxies
from bench.report import Figure, Finding, Section
from bench.resumable import resumable
from bench.sign_ins import storm
from bench.sign_out import sign_out
from bench.start_up import start_up
from bench.tables import tables
from bench.verification import verification
from bench.whole_path import whole_path
from stack import ADMIN_EMAIL, ADMIN_PASSWORD, Stack

Measurement = Callable[[], Sequence[Finding]]


def alone() -> Mapping[str, Measurement]:
    """What is measured while no stack runs."""
    return {
        "Gateway and other proxies, each alone before one bare upstream": proxies,
        "First start": start_up,
        "Tokens": lambda: asyncio.run(verification()),
    }


def on(stack: Stack) -> Mapping[str, Measurement]:
    cores = len(os.sched_getaffinity(0))
    auth = stack.service("auth_service")
    return {
        "Large files through the whole stack": lambda: whole_path(stack),
        "Resumable uploads": lambda: resumable(stack),
        "The client library": lambda: client_library(stack),
        "The web console": lambda: console(stack),
        "Sign-ins": lambda: asyncio.run(storm(stack.url, cores)),
        "Grants and refreshes": lambda: asyncio.run(grants(stack.url, auth, (ADMIN_EMAIL, ADMIN_PASSWORD))),
        "Signing out": lambda: sign_out(stack),
        "Tables, and who waits for the worker": lambda: tables(stack),
        "Events": lambda: listeners(stack),
        "Lists": lambda: pages(stack),
    }


def run(measurements: Mapping[str, Measurement]) -> list[Section]:
    """One after the other, telling how long each took."""
    sections = []
    for title, measurement in measurements.items():
        began = time.perf_counter()
        findings = measurement()
        sections.append(Section(title, time.perf_counter() - began, findings))
        _tell(sections[-1])
    return sections


def _tell(section: Section) -> None:
    print(f"{section.title}: {section.seconds:.0f} s", flush=True)
    for skipped in section.skipped:
        print(f"    {skipped.work} was not measured: {skipped.why}", flush=True)


def save(machine: Sequence[str], sections: Sequence[Section], folder: Path) -> None:
    def told(finding: Finding) -> dict[str, object]:
        return asdict(finding) | ({"verdict": finding.verdict} if isinstance(finding, Figure) else {})

    found = [asdict(one) | {"findings": [told(finding) for finding in one.findings]} for one in sections]
    (folder / "bench.json").write_text(json.dumps({"machine": machine, "sections": found}, indent=2))
    (folder / "bench.svg").write_text(chart(sections))
    (folder / "bench.md").write_text(page(machine, sections, "bench.svg"))


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    folder.mkdir(parents=True, exist_ok=True)
    machine = describe()
    sections = run(alone())
    with tempfile.TemporaryDirectory() as data:
        stack = Stack(Path(data) / "data").wait_until_ready()
        try:
            sections += run(on(stack))
        finally:
            stack.stop()
    save(machine, sections, folder)
    print(table(sections))
    print(f"Saved as bench.json, bench.svg and bench.md in {folder.resolve()}. To publish the page:")
    print(f"    cp {folder / 'bench.md'} docs/benchmarks.md && cp {folder / 'bench.svg'} docs/bench.svg")


if __name__ == "__main__":
    main()

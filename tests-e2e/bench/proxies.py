"""The gateway against other proxies: many small answers, and large bodies either way."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from bench.bare_upstream import SMALL
from bench.content import LARGE, MIB
from bench.contest import Contestant, contest
from bench.load import carry, fire, head
from bench.memory import Watch
from bench.peers import GATEWAY, NGINX_WITH_LARGE_BUFFERS, PEERS, Proxy
from bench.report import Figure, Finding, Skipped, median, number, ratio
from bench.rounds import Measured, rounds
from bench.small_gets import Barrage
from bench.transfer import Exchange

_CONNECTIONS = 32
_SECONDS = 1.0
_ROUNDS = 5
_QUIET_ROUNDS = 3
_LARGE_ROUNDS = 7
_BUDGET = 60.0
_SMALL_TARGETS = {"Caddy": 1.0, "nginx": 0.9}
_LARGE_TARGETS = {"nginx": 1.0, "nginx with large buffers": 1.0}
_MOST_MEMORY = 100


def proxies() -> list[Finding]:
    everybody = [GATEWAY, *(peer for peer in PEERS if peer.executable)]
    missing = [Skipped(peer.name, "it is not installed") for peer in PEERS if not peer.executable]
    figures = _small(everybody, "", _ROUNDS, _SMALL_TARGETS, logs=True)
    figures += _small(everybody, ", nobody logging", _QUIET_ROUNDS, {}, logs=False)
    if NGINX_WITH_LARGE_BUFFERS.executable:
        everybody.append(NGINX_WITH_LARGE_BUFFERS)
    return [*figures, *_large(everybody), *missing]


def _small(
    everybody: Sequence[Proxy], how: str, count: int, targets: Mapping[str, float], *, logs: bool
) -> list[Figure]:
    cpu: dict[str, list[float]] = {one.name: [] for one in everybody}
    with tempfile.TemporaryDirectory() as folder, contest(everybody, Path(folder), logs=logs) as contestants:
        rates = rounds({one.name: partial(_rate, one, cpu[one.name]) for one in contestants}, count, seconds=_BUDGET)
    work = f"small GETs at {_CONNECTIONS} connections{how}"
    spent = Figure(f"{work}: CPU of the gateway for one", median(cpu[GATEWAY.name]), "µs", behind=_others(cpu))
    return [*_against_all(work, rates, "/s", targets), spent]


def _rate(one: Contestant, cpu: list[float]) -> float:
    """Answers a second; adds the microseconds of CPU for each to `cpu`."""
    before = one.cpu_seconds()
    request = head("GET", "/files/small", one.port)
    got = fire(Barrage(one.port, request, len(SMALL), _CONNECTIONS, _SECONDS))
    cpu.append((one.cpu_seconds() - before) / got.requests * 1e6)
    return got.per_second


def _large(everybody: Sequence[Proxy]) -> list[Figure]:
    def each(exchange: Callable[[int], Exchange]) -> Measured:
        return rounds({one.name: partial(_speed, one, exchange) for one in contestants}, _LARGE_ROUNDS, seconds=_BUDGET)

    with (
        tempfile.TemporaryDirectory() as folder,
        contest(everybody, Path(folder), logs=True) as contestants,
        Watch({one.name: one.process for one in contestants}) as watch,
    ):
        downs, ups = each(_down), each(_up)
    peaks = {name: [peak] for name, peak in watch.peaks.items()}
    return [
        *_against_all("256 MiB down", downs, "MiB/s", _LARGE_TARGETS),
        *_against_all("256 MiB up", ups, "MiB/s", _LARGE_TARGETS),
        Figure(
            "memory of the gateway meanwhile, at most",
            watch.peaks[GATEWAY.name],
            "MiB",
            _MOST_MEMORY,
            floor=False,
            behind=_others(peaks),
        ),
    ]


def _down(port: int) -> Exchange:
    return Exchange(head("GET", "/files/large", port), 200)


def _up(port: int) -> Exchange:
    return Exchange(head("PUT", "/files/large", port, Content_Length=LARGE), 200, LARGE // MIB)


def _speed(one: Contestant, exchange: Callable[[int], Exchange]) -> float:
    """MiB a second."""
    return LARGE / MIB / carry(one.port, [exchange(one.port)]).seconds


def _against_all(work: str, measured: Measured, unit: str, targets: Mapping[str, float]) -> list[Figure]:
    return [
        ratio(f"{work}, gateway to {name}", measured[GATEWAY.name], theirs, unit, targets.get(name))
        for name, theirs in measured.items()
        if name != GATEWAY.name
    ]


def _others(measured: Measured) -> str:
    medians = {name: number(median(values)) for name, values in measured.items() if name != GATEWAY.name}
    return ", ".join(f"{name} {value}" for name, value in medians.items())

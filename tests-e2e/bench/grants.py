"""Refreshes and client-credential grants, by the CPU time that the auth service spends on them."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import httpx2
import psutil
from bench.report import Figure, median

_ROUNDS = 3
_SECONDS = 5.0
_AT_ONCE = 16
_PASSWORD = "tide-lantern-42-orchard"


async def grants(url: str, service: psutil.Process, admin: tuple[str, str]) -> list[Figure]:
    async with httpx2.AsyncClient(base_url=url, timeout=60, trust_env=False) as http:
        form = {"grant_type": "password", "username": admin[0], "password": admin[1]}
        token = (await http.post("/auth/token", data=form)).json()["access_token"]
        wanted = {"name": "bench", "scopes": ["files:read"]}
        client = (await http.post("/auth/clients", json=wanted, headers={"Authorization": f"Bearer {token}"})).json()
        refresh_tokens = [await _session(http, number) for number in range(_AT_ONCE)]

        async def client_credentials(_: int) -> None:
            await _token(
                http,
                grant_type="client_credentials",
                client_id=client["client_id"],
                client_secret=client["client_secret"],
            )

        async def refresh(worker: int) -> None:
            answer = await _token(http, grant_type="refresh_token", refresh_token=refresh_tokens[worker])
            refresh_tokens[worker] = answer["refresh_token"]

        rates: dict[str, list[float]] = {"client credentials": [], "refreshes": []}
        for _ in range(_ROUNDS):
            rates["client credentials"].append(await _per_cpu_second(client_credentials, service))
            rates["refreshes"].append(await _per_cpu_second(refresh, service))
    return [
        Figure(f"{name}, per second of the auth service's CPU", median(got), "/s", 300) for name, got in rates.items()
    ]


async def _session(http: httpx2.AsyncClient, number: int) -> str:
    email = f"grants{number}@example.com"
    await http.post("/auth/register", json={"email": email, "password": _PASSWORD})
    return (await _token(http, grant_type="password", username=email, password=_PASSWORD))["refresh_token"]


async def _token(http: httpx2.AsyncClient, **form: str) -> dict[str, str]:
    answer = await http.post("/auth/token", data=form)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def _per_cpu_second(work: Callable[[int], Awaitable[None]], service: psutil.Process) -> float:
    end = time.perf_counter() + _SECONDS

    async def again_and_again(worker: int) -> int:
        count = 0
        while time.perf_counter() < end:
            await work(worker)
            count += 1
        return count

    before = sum(service.cpu_times()[:2])
    done = sum(await asyncio.gather(*(again_and_again(worker) for worker in range(_AT_ONCE))))
    return done / (sum(service.cpu_times()[:2]) - before)

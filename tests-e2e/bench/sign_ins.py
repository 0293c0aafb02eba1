"""Sign-ins against what bcrypt alone allows, while somebody else wants a light request answered."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
from bench.report import Figure, percentile, ratio
from passlib.hash import bcrypt_sha256

_ROUNDS = 3
_SECONDS = 8.0
_AT_ONCE = 12
_PASSWORD = "tide-lantern-42-orchard"


def bcrypt_alone(cores: int, seconds: float) -> float:
    """Verifications a second, as many threads as cores, nothing else running."""
    stored = bcrypt_sha256.using(rounds=12).hash(_PASSWORD)
    end = time.perf_counter() + seconds

    def verify(_: int) -> int:
        count = 0
        while time.perf_counter() < end:
            bcrypt_sha256.verify(_PASSWORD, stored)
            count += 1
        return count

    started = time.perf_counter()
    with ThreadPoolExecutor(cores) as pool:
        done = sum(pool.map(verify, range(cores)))
    return done / (time.perf_counter() - started)


async def storm(url: str, cores: int) -> list[Figure]:
    async with httpx2.AsyncClient(base_url=url, timeout=60, trust_env=False) as http:
        emails = [f"storm{number}@example.com" for number in range(_AT_ONCE)]
        for email in emails:
            await http.post("/auth/register", json={"email": email, "password": _PASSWORD})
        token = (await _sign_in(http, emails[0])).json()["access_token"]
        rates: list[float] = []
        alone: list[float] = []
        waits: list[float] = []
        for _ in range(_ROUNDS):
            # Before and after, so that what else the machine does weighs on both sides of the ratio.
            before = await asyncio.to_thread(bcrypt_alone, cores, _SECONDS / 4)
            rate, seen = await _round(http, emails, token)
            after = await asyncio.to_thread(bcrypt_alone, cores, _SECONDS / 4)
            rates.append(rate)
            alone.append((before + after) / 2)
            waits += seen
    return [
        ratio("sign-ins, to what bcrypt alone allows", rates, alone, "/s", 0.9),
        Figure("GET /auth/profile during it, p99", percentile(waits, 0.99) * 1000, "ms", 20, floor=False),
    ]


async def _sign_in(http: httpx2.AsyncClient, email: str) -> httpx2.Response:
    form = {"grant_type": "password", "username": email, "password": _PASSWORD}
    answer = await http.post("/auth/token", data=form)
    assert answer.status_code == 200, answer.text
    return answer


async def _round(http: httpx2.AsyncClient, emails: list[str], token: str) -> tuple[float, list[float]]:
    """Sign-ins a second, and how long each light request took."""
    started = time.perf_counter()
    end = started + _SECONDS

    async def sign_in_again_and_again(email: str) -> int:
        count = 0
        while time.perf_counter() < end:
            await _sign_in(http, email)
            count += 1
        return count

    light = asyncio.create_task(_light(http, token, end))
    done: list[Any] = await asyncio.gather(*(sign_in_again_and_again(email) for email in emails))
    return sum(done) / (time.perf_counter() - started), await light


async def _light(http: httpx2.AsyncClient, token: str, end: float) -> list[float]:
    waits: list[float] = []
    while time.perf_counter() < end:
        asked = time.perf_counter()
        answer = await http.get("/auth/profile", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 200
        waits.append(time.perf_counter() - asked)
        await asyncio.sleep(0.02)
    return waits

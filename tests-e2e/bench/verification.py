"""What judging a token costs a service: the first time, and every time after that."""

import asyncio
import time

from bench.report import Figure, median, number

from strongroom import TokenVerifier
from strongroom.testing import TestIssuer

_COLD = 300
_WARM = 20_000
_ROUNDS = 5


async def verification() -> list[Figure]:
    issuer = TestIssuer()
    cold: list[float] = []
    warm: list[float] = []
    async with TokenVerifier(issuer.url, http=issuer.http()) as verifier:
        await verifier.verify(issuer.token())
        for _ in range(_ROUNDS):
            tokens = [issuer.token() for _ in range(_COLD)]
            cold.append(await _each(verifier, tokens))
            warm.append(await _each(verifier, tokens[:1] * _WARM))
            await asyncio.sleep(0)
    return [
        Figure("token verification, cold", median(cold) * 1e6, "µs", 80, floor=False, behind=_spread(cold)),
        Figure("token verification, warm", median(warm) * 1e6, "µs", 3, floor=False, behind=_spread(warm)),
    ]


def _spread(seconds: list[float]) -> str:
    return f"{number(min(seconds) * 1e6)} to {number(max(seconds) * 1e6)}"


async def _each(verifier: TokenVerifier, tokens: list[str]) -> float:
    started = time.perf_counter()
    for token in tokens:
        await verifier.verify(token)
    return (time.perf_counter() - started) / len(tokens)

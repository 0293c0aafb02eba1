"""What TokenVerifier accepts and what it does not; point by point along RFC 8725 see `test_shared_rfc8725.py`."""

import asyncio
import time
from collections.abc import AsyncIterator

import jwt
import pytest

from strongroom import Principal, TokenVerifier
from strongroom.errors import ExpiredToken, InvalidToken, KeysUnavailable
from strongroom.testing import TestIssuer


@pytest.fixture(scope="module")
def key_owner() -> TestIssuer:
    return TestIssuer()


@pytest.fixture
def issuer(key_owner: TestIssuer) -> TestIssuer:
    key_owner.fetches = 0
    key_owner.reachable = True
    return key_owner


@pytest.fixture
async def verifier(issuer: TestIssuer) -> AsyncIterator[TokenVerifier]:
    async with TokenVerifier(issuer.url, http=issuer.http()) as opened:
        yield opened


async def test_a_good_token_tells_whom_it_speaks_for(issuer: TestIssuer, verifier: TokenVerifier) -> None:
    token = issuer.token(
        "somebody", scope="files:read admin", roles=["user", "admin"], sid="s1", jti="t1", iat=1000, exp=2**31
    )
    assert await verifier.verify(token) == Principal(
        subject="somebody",
        client_id="test",
        session_id="s1",
        scopes=frozenset({"files:read", "admin"}),
        roles=frozenset({"user", "admin"}),
        token_id="t1",
        issued_at=1000,
        expires_at=2**31,
    )


@pytest.mark.parametrize("claim", ["exp", "iat"])
async def test_a_token_without_a_required_claim_is_refused(
    issuer: TestIssuer, verifier: TokenVerifier, claim: str
) -> None:
    claims = issuer.claims()
    del claims[claim]
    token = jwt.encode(claims, issuer.private_key, "RS256", headers={"kid": issuer.kid, "typ": "at+jwt"})
    with pytest.raises(InvalidToken):
        await verifier.verify(token)


@pytest.mark.parametrize(
    "claims",
    [
        {"nbf": int(time.time()) + 3600},
        {"iat": int(time.time()) + 3600},
        {"exp": "soon"},
        {"exp": float("inf")},
        {"iat": float("nan")},
        {"scope": ["files:read"]},
        {"roles": "admin"},
        {"roles": [1]},
        {"sid": ["s1"]},
        {"client_id": 7},
        {"jti": {}},
    ],
)
async def test_wrong_claims_are_refused(issuer: TestIssuer, verifier: TokenVerifier, claims: dict[str, object]) -> None:
    token = jwt.encode(
        {**issuer.claims(), **claims}, issuer.private_key, "RS256", headers={"kid": issuer.kid, "typ": "at+jwt"}
    )
    with pytest.raises(InvalidToken):
        await verifier.verify(token)


async def test_thirty_seconds_of_skew_are_forgiven_and_no_more(issuer: TestIssuer, verifier: TokenVerifier) -> None:
    now = int(time.time())
    assert (await verifier.verify(issuer.token("a", exp=now - 15))).subject == "a"
    assert (await verifier.verify(issuer.token("b", iat=now + 15))).subject == "b"
    with pytest.raises(ExpiredToken) as refusal:
        await verifier.verify(issuer.token(exp=now - 60))
    assert "expired" in refusal.value.headers["WWW-Authenticate"]


async def test_a_critical_extension_that_is_not_understood_is_refused(
    issuer: TestIssuer, verifier: TokenVerifier
) -> None:
    with pytest.raises(InvalidToken):
        await verifier.verify(issuer.token(headers={"crit": ["x"], "x": 1}))


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "\ud800", "é.é.é", "x" * 8193, "e30.e30.", "e30.e30.AAAA"])
async def test_garbage_is_refused(verifier: TokenVerifier, token: str) -> None:
    with pytest.raises(InvalidToken):
        await verifier.verify(token)


@pytest.mark.parametrize(
    "rest", ["", "A", "A.", ".A", "A.A", "AA.xyz.AAAA", "A.xyz.AAAA", "e30.A", "e30.e30.e30.A", "%.%"]
)
async def test_garbage_behind_a_proper_header_is_refused(
    issuer: TestIssuer, verifier: TokenVerifier, rest: str
) -> None:
    with pytest.raises(InvalidToken):
        await verifier.verify(f"{issuer.token().partition('.')[0]}.{rest}")


async def test_a_token_is_spelled_in_one_way(issuer: TestIssuer, verifier: TokenVerifier) -> None:
    token = issuer.token("ada")
    head, body, signature = token.split(".")
    assert (await verifier.verify(token)).subject == "ada"
    spellings = [token + "=", token + "==", f"{head}==.{body}.{signature}", f" {token}", f"{token}\n", f"{token}!!!!"]
    spellings += [
        f"{head}.{body}.{signature[:9]}{noise}{signature[9:]}" for noise in ("!!!!", "    ", "\n\n\n\n", "====")
    ]
    spellings += [f"{head}.{body}.{signature[:-1]}{chr(ord(signature[-1]) + 1)}"]  # bits that stand for nothing
    for spelling in spellings:
        with pytest.raises(InvalidToken):
            await verifier.verify(spelling)


async def test_a_remembered_token_still_expires(
    issuer: TestIssuer, verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = int(time.time())
    token = issuer.token(exp=now - 15)  # within the leeway
    await verifier.verify(token)
    monkeypatch.setattr("strongroom.tokens.time", _ClockAt(now + 60))
    monkeypatch.setattr(verifier, "_judge", _refuse)
    with pytest.raises(ExpiredToken):
        await verifier.verify(token)


class _ClockAt:
    def __init__(self, now: float) -> None:
        self._now = now

    def time(self) -> float:
        return self._now


async def _refuse(token: str) -> tuple[Principal, str]:
    """Stands for PyJWT, whose clock cannot be set: the point is that the token is judged again."""
    raise ExpiredToken


async def test_a_remembered_token_is_forgotten_with_its_key(verifier: TokenVerifier, issuer: TestIssuer) -> None:
    token = issuer.token()
    await verifier.verify(token)
    verifier.keys._keys.clear()
    verifier.keys._next_fetch_at = float("inf")
    with pytest.raises(KeysUnavailable):
        await verifier.verify(token)


async def test_the_memory_of_tokens_is_bounded(
    issuer: TestIssuer, verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("strongroom.tokens._REMEMBERED", 3)
    for _ in range(6):
        await verifier.verify(issuer.token())
    assert len(verifier._verified) == 3


async def test_a_thousand_verifications_at_once_ask_the_issuer_once(
    issuer: TestIssuer, verifier: TokenVerifier
) -> None:
    token = issuer.token()
    await asyncio.gather(*(verifier.verify(token) for _ in range(1000)))
    assert issuer.fetches == 1


async def test_an_issuer_that_was_never_reached_is_not_the_tokens_fault(
    issuer: TestIssuer, verifier: TokenVerifier
) -> None:
    issuer.reachable = False
    with pytest.raises(KeysUnavailable):
        await verifier.verify(issuer.token())

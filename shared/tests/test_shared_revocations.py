"""A revoked token is refused wherever it turns up, and a feed in trouble takes nobody down."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated, Any

import httpx2
import pytest
from fastapi import FastAPI
from starlette.types import ASGIApp

from strongroom import Principal, TokenVerifier
from strongroom.errors import RevokedToken
from strongroom.revocations import RevocationFeed
from strongroom.revoked import Revocation, Revoked
from strongroom.testing import TestIssuer
from strongroom.web import protect, scoped


class Clock:
    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def key_owner() -> TestIssuer:
    return TestIssuer()


@pytest.fixture
def issuer(key_owner: TestIssuer) -> TestIssuer:
    key_owner.reachable = True
    key_owner.revocations.clear()
    return key_owner


@pytest.fixture
async def verifier(issuer: TestIssuer) -> AsyncIterator[TokenVerifier]:
    async with TokenVerifier(issuer.url, http=issuer.http()) as opened:
        yield opened


async def refused(verifier: TokenVerifier, token: str) -> None:
    """Returns once the token is refused: as it happens, and not by the next poll, after ten seconds."""
    async with asyncio.timeout(8):
        while True:
            try:
                await verifier.verify(token)
            except RevokedToken:
                return
            await asyncio.sleep(0.005)


def principal(**values: Any) -> Principal:
    standard = {"subject": "ada", "client_id": "app", "session_id": "s1", "token_id": "t1"}
    times = {"issued_at": 1000, "expires_at": 1300}
    return Principal(**{**standard, **times, "scopes": frozenset(), "roles": frozenset(), **values})


@pytest.mark.parametrize(
    ("kind", "revoked", "refuses"),
    [
        ("session", "s1", True),
        ("token", "t1", True),
        ("subject", "ada", True),
        ("session", "t1", False),  # an id is one of its own kind only
        ("token", "s1", False),
        ("subject", "s1", False),
        ("of-a-later-release", "s1", False),
    ],
)
def test_a_token_is_refused_for_its_session_its_subject_or_itself(kind: str, revoked: str, refuses: bool) -> None:
    known = Revoked(clock=Clock())
    known.add(Revocation(kind, revoked, 1000.5, 2000))
    assert known.refuses(principal()) is refuses


def test_a_token_without_session_and_id_is_not_mistaken_for_another() -> None:
    known = Revoked(clock=Clock())
    known.add(Revocation("session", "s1", 1000, 2000))
    known.add(Revocation("token", "None", 1000, 2000))
    assert not known.refuses(principal(session_id=None, token_id=None))


def test_a_subject_is_refused_for_tokens_issued_until_then() -> None:
    known = Revoked(clock=Clock())
    known.add(Revocation("subject", "ada", 1000.5, 2000))
    assert known.refuses(principal(issued_at=999))
    assert known.refuses(principal(issued_at=1000))  # whole seconds: it may have been issued just before
    assert not known.refuses(principal(issued_at=1001))
    known.add(Revocation("subject", "ada", 1500.0, 2500))
    assert known.refuses(principal(issued_at=1001))


def test_what_has_expired_goes_and_nothing_else() -> None:
    clock = Clock()
    known = Revoked(clock=clock)
    for number in range(25_000):
        known.add(Revocation("session", f"s{number}", 1000, 1100 + number / 1000))
        known.add(Revocation("subject", f"a{number}", 1000, 1100 + number / 1000))
        known.add(Revocation("token", f"t{number}", 1000, 1100 + number / 1000))
    known.add(Revocation("session", "old", 900, 1000))
    assert len(known) == 75_000
    clock.now = 1112.0
    for _ in range(3):
        known.prune()
    assert len(known) == 3 * 12_999
    assert known.refuses(principal(session_id="s12001"))
    clock.now = 1200.0
    for _ in range(3):
        known.prune()
    assert len(known) == 0


def test_an_entry_that_came_again_does_not_hold_up_the_others() -> None:
    clock = Clock()
    known = Revoked(clock=clock)
    for name, until in (("first", 1100), ("second", 1101), ("first", 9000)):
        known.add(Revocation("session", name, 1000, until))
    clock.now = 1200.0
    known.prune()
    assert len(known) == 1
    assert known.refuses(principal(session_id="first"))


@pytest.mark.parametrize("kind", ["session", "subject", "token"])
async def test_a_remembered_token_is_refused_and_others_are_not(
    issuer: TestIssuer, verifier: TokenVerifier, kind: str
) -> None:
    token, other = issuer.token("ada", sid="s1", jti="t1"), issuer.token("bob", sid="s2", jti="t2")
    await verifier.verify(token)
    await verifier.verify(other)
    match kind:
        case "session":
            issuer.revoke(session="s1")
        case "subject":
            issuer.revoke(subject="ada")
        case _:
            issuer.revoke(token="t1")
    await refused(verifier, token)
    await verifier.verify(other)
    with pytest.raises(RevokedToken) as refusal:
        await verifier.verify(token)
    assert refusal.value.slug == "revoked-token"
    assert refusal.value.status == 401
    challenge = 'Bearer error="invalid_token", error_description="The access token was revoked"'
    assert refusal.value.headers["WWW-Authenticate"] == challenge


async def test_a_token_issued_in_the_very_second_of_its_subjects_revocation_is_good_if_it_says_so(
    issuer: TestIssuer, verifier: TokenVerifier
) -> None:
    now = int(time.time())
    before, after = issuer.token("ada", iat=now + 0.4), issuer.token("ada", iat=now + 0.6)
    issuer.revoke(subject="ada", revoked_at=now + 0.5)
    await refused(verifier, before)
    assert (await verifier.verify(after)).issued_at == pytest.approx(now + 0.6)


async def test_a_verifier_knows_everything_before_it_judges_its_first_token(issuer: TestIssuer) -> None:
    for number in range(2500):
        issuer.revoke(session=f"s{number}")
    async with TokenVerifier(issuer.url, http=issuer.http()) as restarted:
        with pytest.raises(RevokedToken):
            await restarted.verify(issuer.token(sid="s2499"))


async def test_following_begins_with_the_first_token_where_nobody_entered(issuer: TestIssuer) -> None:
    verifier = TokenVerifier(issuer.url, http=issuer.http())
    token = issuer.token(sid="s1")
    await verifier.verify(token)
    issuer.revoke(session="s1")
    await refused(verifier, token)
    await verifier.aclose()


async def test_a_feed_out_of_reach_leaves_what_is_known_in_force(issuer: TestIssuer, verifier: TokenVerifier) -> None:
    early, late = issuer.token(sid="early"), issuer.token(sid="late")
    issuer.revoke(session="early")
    await refused(verifier, early)
    await verifier.verify(late)
    issuer.reachable = False
    issuer.revoke(session="late")
    await failing(verifier.feed)
    with pytest.raises(RevokedToken):
        await verifier.verify(early)
    await verifier.verify(late)  # nobody could tell
    issuer.reachable = True
    async with asyncio.timeout(20):
        await refused(verifier, late)


async def failing(feed: RevocationFeed) -> None:
    """Returns once the feed has noticed that it is out of reach."""
    async with asyncio.timeout(8):
        while not feed._behind:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.005)


async def test_a_database_restored_from_a_backup_starts_the_feed_again(
    issuer: TestIssuer, verifier: TokenVerifier
) -> None:
    forgotten, new = issuer.token(sid="forgotten"), issuer.token(sid="new")
    for name in ("a", "b", "c", "forgotten"):
        issuer.revoke(session=name)
    await refused(verifier, forgotten)
    issuer.revocations.clear()
    issuer.revoke(session="new")
    await refused(verifier, new)
    await refused(verifier, forgotten)


async def test_a_feed_that_was_never_reached_refuses_nobody_and_says_so(
    issuer: TestIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/auth/revocations":
            raise httpx2.ConnectError("unreachable", request=request)
        return await issuer.answer(request)

    monkeypatch.setattr("strongroom.revocations._PATIENCE", 60)
    async with asyncio.timeout(30), TokenVerifier(issuer.url, http=client(answer)) as verifier:
        await verifier.verify(issuer.token())
        assert verifier.feed.state == "never reached"
        assert not verifier.feed.healthy


def client(answer: Callable[[httpx2.Request], Awaitable[httpx2.Response]]) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.MockTransport(answer))  # type: ignore[arg-type]


async def test_a_feed_that_hangs_delays_the_first_tokens_only(
    issuer: TestIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("strongroom.revocations._PATIENCE", 0.3)
    asked = 0

    async def answer(request: httpx2.Request) -> httpx2.Response:
        nonlocal asked
        if request.url.path == "/auth/revocations":
            asked += 1
            await asyncio.Event().wait()
        return await issuer.answer(request)

    async with TokenVerifier(issuer.url, http=client(answer)) as verifier:
        started = time.monotonic()
        await asyncio.gather(*(verifier.verify(issuer.token()) for _ in range(20)))
        assert 0.3 <= time.monotonic() - started < 20 * 0.3
        monkeypatch.setattr("strongroom.revocations._PATIENCE", 60)
        async with asyncio.timeout(30):
            await verifier.verify(issuer.token())
    assert asked == 1


class Origin:
    """Answers as it is told to."""

    def __init__(self) -> None:
        self.status = 200
        self.document: object = {"items": [], "next": 0}
        self.asked: list[dict[str, str]] = []

    async def answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(dict(request.url.params))
        return httpx2.Response(self.status, json=self.document)


@pytest.mark.parametrize(
    "document",
    [
        [],
        "nonsense",
        None,
        {},
        {"keys": []},
        {"items": [], "next": "soon"},
        {"items": [], "next": None},
        {"items": {"a": 1}, "next": 1},
        {"items": [{"kind": "session", "id": "s1"}], "next": 1},
        {"items": [{"kind": "session", "id": "s1", "revoked_at": "now", "expires_at": 2e9}], "next": 1},
        {"items": [None], "next": 1},
    ],
)
async def test_what_is_no_page_is_a_failure_and_changes_nothing(document: object) -> None:
    origin = Origin()
    origin.document = document
    async with client(origin.answer) as http:
        known = Revoked()
        feed = RevocationFeed("http://issuer.test/feed", http, known)
        with pytest.raises(ValueError):  # noqa: PT011 - what it says is for the log
            await feed._advance()
    assert len(known) == 0
    assert not feed.healthy


async def test_the_next_question_begins_where_the_answer_ended() -> None:
    origin = Origin()
    item = {"kind": "session", "id": "s1", "revoked_at": time.time(), "expires_at": time.time() + 60}
    async with client(origin.answer) as http:
        feed = RevocationFeed("http://issuer.test/feed", http, Revoked())
        origin.document = {"items": [item], "next": 7, "mark": "m", "more": True}
        assert await feed._advance() == 0
        origin.document = {"items": [item], "next": 9, "mark": "n", "more": False}
        assert await feed._advance() < 0.1
        # Answered at once with nothing, although it would have waited: no reason to ask in a tight loop.
        origin.document = {"items": [], "next": 9, "mark": "n", "more": False}
        assert await feed._advance() >= 1
    assert origin.asked == [
        {"after": "0", "wait": "0"},
        {"after": "7", "wait": "0", "mark": "m"},
        {"after": "9", "wait": "10", "mark": "n"},
    ]


async def test_how_long_the_feed_has_been_silent_is_told() -> None:
    origin, clock = Origin(), Clock()
    async with client(origin.answer) as http:
        feed = RevocationFeed("http://issuer.test/feed", http, Revoked(), clock=clock)
        await feed._advance()
        clock.now += 20
        assert (feed.healthy, feed.state, feed.age) == (True, "ok", 20)
        clock.now += 15
        assert (feed.healthy, feed.state, feed.age) == (False, "stale 35 s", 35)
        origin.status = 503
        with pytest.raises(httpx2.HTTPError):
            await feed._advance()
        assert feed.state == "stale 35 s"


async def test_closing_ends_the_following(issuer: TestIssuer) -> None:
    async with TokenVerifier(issuer.url, http=issuer.http()) as verifier:
        await verifier.verify(issuer.token())
        task = verifier.feed._task
    assert task is not None
    assert task.cancelled()


async def test_an_outside_service_refuses_what_is_revoked_while_it_runs(
    issuer: TestIssuer, serve: Callable[[ASGIApp], Awaitable[str]], http: httpx2.AsyncClient
) -> None:
    origin = await serve(issuer)
    app = FastAPI()
    protect(
        app,
        TokenVerifier(
            issuer.url, jwks_url=f"{origin}/.well-known/jwks.json", revocations_url=f"{origin}/auth/revocations"
        ),
    )

    @app.get("/mine")
    async def mine(who: Annotated[Principal, scoped()]) -> str:
        return who.subject

    url, headers = f"{await serve(app)}/mine", {"Authorization": f"Bearer {issuer.token('me', sid='s1')}"}
    assert (await http.get(url, headers=headers)).json() == "me"
    issuer.revoke(session="s1")
    async with asyncio.timeout(8):
        while (answer := await http.get(url, headers=headers)).status_code == 200:
            pass
    assert answer.status_code == 401
    assert answer.json()["type"] == "urn:problem-type:strongroom:revoked-token"

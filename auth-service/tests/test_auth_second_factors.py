"""Codes against the clock, and at once: what is good once is good once."""

import asyncio
import base64
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pyotp
import pytest
from auth_clock import Clock
from hypothesis import given
from hypothesis import strategies as st

from auth_service.accounts import repository as accounts
from auth_service.accounts.repository import Account
from auth_service.keys.sealing import MasterKey, WrongMasterKey
from auth_service.mail.outbox import Outbox
from auth_service.mfa.ceremonies import Ceremonies
from auth_service.mfa.changes import FactorChanges
from auth_service.mfa.codes import matching_step, new_recovery_codes, recovery_digest
from auth_service.mfa.enrolment import Enrolment
from auth_service.mfa.errors import SecondFactorFailed
from auth_service.mfa.passkeys import Passkeys
from auth_service.mfa.service import Redeemed, SecondFactors
from auth_service.settings import AuthSettings
from strongroom.database import Database
from strongroom.database.attempts import GUESSES, Attempts, Limit, TooManyAttempts
from strongroom.database.jobs import JobQueue

NO_HASH = "!"
WANTED = {"client_id": "strongroom", "scope": "files:read"}
MANY = 200
UNLIMITED = Limit(free=10_000, first=timedelta(seconds=1), longest=timedelta(seconds=1))


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an authenticator app; `step` is that of the code it was confirmed with."""

    account_id: UUID
    secret: str
    step: int
    recovery_codes: list[str]

    @property
    def redeemed(self) -> Redeemed:
        return Redeemed(self.account_id, NO_HASH, WANTED)

    def code(self, later: int = 1) -> str:
        return pyotp.HOTP(self.secret).at(self.step + later)


@pytest.fixture
def limit() -> Limit:
    return UNLIMITED


@pytest.fixture
def attempts(database: Database, clock: Clock) -> Attempts:
    return Attempts(database, "auth", b"k" * 32, clock=clock)


@pytest.fixture
def factors(
    database: Database, settings: AuthSettings, attempts: Attempts, clock: Clock, limit: Limit
) -> SecondFactors:
    told, master_key = changes(database, settings), MasterKey(settings.master_key.get_secret_value())
    passkeys = Passkeys(database, Ceremonies(settings.public_url), told, clock=clock)
    return SecondFactors(database, master_key, attempts, passkeys, told, limit=limit, clock=clock)


def changes(database: Database, settings: AuthSettings) -> FactorChanges:
    return FactorChanges(Outbox(JobQueue(database, "auth"), MasterKey(settings.master_key.get_secret_value())))


async def person(database: Database, settings: AuthSettings, attempts: Attempts, clock: Clock, name: str) -> Person:
    account = Account(uuid4(), f"{name}@example.com", None, NO_HASH, ("user",), True, None, clock.now)
    async with database.begin() as tx:
        await accounts.add(tx, account, account.email)
    master_key = MasterKey(settings.master_key.get_secret_value())
    enrolment = Enrolment(database, master_key, attempts, changes(database, settings), clock=clock)
    secret, step = await enrolment.start_totp(account), int(clock.now.timestamp()) // 30
    codes = await enrolment.confirm_totp(account.id, pyotp.HOTP(secret).at(step))
    return Person(account.id, secret, step, codes)


@pytest.fixture
async def ada(database: Database, settings: AuthSettings, attempts: Attempts, clock: Clock) -> Person:
    return await person(database, settings, attempts, clock, "ada")


async def at_once(uses: list[Awaitable[Redeemed]]) -> list[Redeemed]:
    """Those that were right; all others must have failed as second factors do."""
    outcomes = await asyncio.gather(*uses, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException) and not isinstance(outcome, SecondFactorFailed):
            raise outcome
    return [outcome for outcome in outcomes if isinstance(outcome, Redeemed)]


async def is_right(factors: SecondFactors, who: Person, code: str) -> bool:
    try:
        await factors.redeem(await factors.challenge(who.account_id, WANTED), code=code)
    except SecondFactorFailed:
        return False
    return True


async def test_of_200_uses_of_one_code_at_once_one_succeeds(factors: SecondFactors, ada: Person) -> None:
    tokens = [await factors.challenge(ada.account_id, WANTED) for _ in range(MANY)]
    assert await at_once([factors.redeem(token, code=ada.code()) for token in tokens]) == [ada.redeemed]


async def test_of_200_uses_of_one_recovery_code_at_once_one_succeeds(factors: SecondFactors, ada: Person) -> None:
    tokens = [await factors.challenge(ada.account_id, WANTED) for _ in range(MANY)]
    right = await at_once([factors.redeem(token, code=ada.recovery_codes[0]) for token in tokens])
    assert right == [ada.redeemed]


async def test_of_200_uses_of_one_mfa_token_at_once_one_succeeds_and_spends_one_code(
    factors: SecondFactors, ada: Person
) -> None:
    token = await factors.challenge(ada.account_id, WANTED)
    codes = [ada.recovery_codes[number % 10] for number in range(MANY)]
    assert await at_once([factors.redeem(token, code=code) for code in codes]) == [ada.redeemed]
    left = [code for code in ada.recovery_codes if await is_right(factors, ada, code)]
    assert len(left) == 9


@pytest.mark.parametrize("in_a_row", [True, False])
async def test_five_wrong_tries_void_a_token(factors: SecondFactors, ada: Person, in_a_row: bool) -> None:
    token = await factors.challenge(ada.account_id, WANTED)
    tries = [factors.redeem(token, code=f"wrong {number}") for number in range(5)]
    for group in [[one] for one in tries] if in_a_row else [tries]:
        assert await at_once(list(group)) == []
    with pytest.raises(SecondFactorFailed):
        await factors.redeem(token, code=ada.code())
    assert await is_right(factors, ada, ada.code())


async def test_after_four_wrong_tries_a_token_is_still_good(factors: SecondFactors, ada: Person) -> None:
    token = await factors.challenge(ada.account_id, WANTED)
    assert await at_once([factors.redeem(token, code=f"wrong {number}") for number in range(4)]) == []
    assert await factors.redeem(token, code=ada.code()) == ada.redeemed


@pytest.mark.parametrize("limit", [GUESSES])
async def test_a_right_code_forgets_the_wrong_ones(factors: SecondFactors, ada: Person, limit: Limit) -> None:
    for code in ada.recovery_codes[:3]:
        for number in range(4):
            assert not await is_right(factors, ada, f"wrong {number}")
        assert await is_right(factors, ada, code)
    for number in range(5):
        assert not await is_right(factors, ada, f"wrong {number}")
    with pytest.raises(TooManyAttempts):
        await is_right(factors, ada, ada.code())


async def test_a_token_is_good_for_five_minutes(factors: SecondFactors, ada: Person, clock: Clock) -> None:
    in_time, too_late = [await factors.challenge(ada.account_id, WANTED) for _ in range(2)]
    clock.now += timedelta(minutes=5, seconds=-1)
    await factors.redeem(in_time, code=ada.recovery_codes[0])
    clock.now += timedelta(seconds=1)
    with pytest.raises(SecondFactorFailed):
        await factors.redeem(too_late, code=ada.recovery_codes[1])


@pytest.mark.parametrize(("steps", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_a_code_is_good_one_step_before_and_after_its_time(
    factors: SecondFactors, ada: Person, clock: Clock, steps: int, right: bool
) -> None:
    clock.now += timedelta(seconds=30 * 10)
    assert await is_right(factors, ada, ada.code(10 + steps)) is right


async def test_no_code_is_good_that_is_older_than_one_used(factors: SecondFactors, ada: Person, clock: Clock) -> None:
    clock.now += timedelta(seconds=30 * 10)
    assert await is_right(factors, ada, ada.code(10))
    assert not await is_right(factors, ada, ada.code(9))
    assert await is_right(factors, ada, ada.code(11))


@pytest.mark.parametrize("nothing", [{}, {"code": ""}, {"code": "\0"}, {"passkey": {}}])
async def test_nothing_is_no_factor(factors: SecondFactors, ada: Person, nothing: dict[str, str]) -> None:
    with pytest.raises(SecondFactorFailed):
        await factors.redeem(await factors.challenge(ada.account_id, WANTED), **nothing)  # type: ignore[arg-type]


async def test_a_secret_opens_for_its_own_account_only(
    factors: SecondFactors, database: Database, settings: AuthSettings, attempts: Attempts, clock: Clock, ada: Person
) -> None:
    bob = await person(database, settings, attempts, clock, "bob")
    async with database.begin() as tx:
        await tx.exec_driver_sql(
            "update auth.totp_secrets set sealed_secret = (select sealed_secret from auth.totp_secrets "
            f"where account_id = '{bob.account_id}') where account_id = '{ada.account_id}'"
        )
    with pytest.raises(WrongMasterKey):
        await is_right(factors, ada, bob.code())


async def test_what_nobody_came_back_with_is_forgotten(
    factors: SecondFactors, database: Database, ada: Person, clock: Clock
) -> None:
    async def tokens() -> object:
        async with database.reading() as connection:
            return (await connection.exec_driver_sql("select count(*) from auth.one_time_tokens")).scalar_one()

    await factors.challenge(ada.account_id, WANTED)
    await factors.begin_passkey_sign_in()
    clock.now += timedelta(minutes=4)
    await factors.prune()
    assert await tokens() == 2
    clock.now += timedelta(minutes=1)
    await factors.prune()
    assert await tokens() == 0


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_codes_of_rfc_6238_appendix_b(seconds: int, code: str) -> None:
    secret = base64.b32encode(b"12345678901234567890").decode()
    assert matching_step(secret, code, datetime.fromtimestamp(seconds, UTC)) == seconds // 30


SECRET = pyotp.random_base32(32)


@given(st.text(), st.datetimes(datetime(2026, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_only_three_codes_are_right_at_any_time(code: str, now: datetime) -> None:
    step = int(now.timestamp()) // 30
    right = {pyotp.HOTP(SECRET).at(step + shift) for shift in (-1, 0, 1)}
    assert (matching_step(SECRET, code, now) is not None) == (code in right)


@given(st.sampled_from(new_recovery_codes()), st.data())
def test_a_recovery_code_is_the_same_however_it_is_spaced(code: str, data: st.DataObject) -> None:
    account = uuid4()
    pieces = [piece + data.draw(st.sampled_from(["", " ", "-", "\t", " - "])) for piece in code.replace("-", "")]
    typed = "".join(piece.upper() if data.draw(st.booleans()) else piece for piece in pieces)
    assert recovery_digest(account, typed) == recovery_digest(account, code)
    assert recovery_digest(uuid4(), typed) != recovery_digest(account, code)

"""Changing one's address: it takes the password, and counts once the new address is proved; the old one is told."""

import asyncio

import asyncpg
import httpx2
import pytest
from auth_client import PASSWORD, AuthClient
from read_mail import Mailbox
from test_auth_recovery import idle

NEW_PASSWORD = "meadow-cobalt-91-sparrow"
NEW = "countess@example.com"
CONFIRM = "Confirm your new email address"


@pytest.fixture
async def ada(auth: AuthClient) -> str:
    """Her access token."""
    await auth.register(name="Ada")
    return await auth.access_token()


async def ask(auth: AuthClient, token: str, email: str = NEW, **more: str) -> httpx2.Response:
    body = {"email": email, "current_password": PASSWORD, **more}
    return await auth.send("PATCH", "/auth/profile", token, body)


async def link(mailbox: Mailbox, to: str = NEW, count: int = 1) -> str:
    return (await mailbox.newest(CONFIRM, to, count=count)).token


async def follow(auth: AuthClient, token: str) -> httpx2.Response:
    return await auth.send("POST", "/auth/email/verify", json={"token": token})


async def test_an_address_changes_when_the_new_one_is_proved_and_both_are_told(
    auth: AuthClient, mailbox: Mailbox, ada: str
) -> None:
    verify = (await mailbox.newest("Confirm your email address")).token
    await auth.send("POST", "/auth/password/forgot", json={"email": "ada@example.com"})
    password = (await mailbox.newest("Choose a new password")).token
    asked = await ask(auth, ada, name="Countess")
    assert (asked.status_code, asked.json()["email"], asked.json()["name"]) == (200, "ada@example.com", "Countess")
    await mailbox.newest("Your email address is about to change")
    token = await link(mailbox)
    assert (await auth.sign_in(NEW)).status_code == 400
    proved = await follow(auth, token)
    assert (proved.status_code, proved.json()) == (200, {"email": NEW, "email_verified": True})
    await mailbox.newest("Your email address was changed")
    profile = (await auth.get("/auth/profile", ada)).json()
    assert (profile["email"], profile["email_verified"]) == (NEW, True)
    assert ((await auth.sign_in()).status_code, (await auth.sign_in(NEW)).status_code) == (400, 200)
    # Whoever reads the old mailbox has nothing left to come back with.
    reset = {"token": password, "new_password": NEW_PASSWORD}
    assert (await auth.send("POST", "/auth/password/reset", json=reset)).status_code == 400
    for used in (verify, token):
        assert (await follow(auth, used)).status_code == 400


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        ({"email": NEW, "current_password": "wrong"}, 403, "wrong-password"),
        ({"email": NEW}, 403, "wrong-password"),
        ({"email": "no address", "current_password": PASSWORD}, 422, "invalid-email"),
        ({"email": "a\r\nBcc: eve@example.com", "current_password": PASSWORD}, 422, "invalid-email"),
        ({"email": "x" * 321, "current_password": PASSWORD}, 422, "invalid-request"),
    ],
)
async def test_a_change_that_is_refused_changes_nothing_and_mails_nobody(
    auth: AuthClient,
    mailbox: Mailbox,
    sql: asyncpg.Connection,
    ada: str,
    body: dict[str, str],
    status: int,
    slug: str,
) -> None:
    refusal = await auth.send("PATCH", "/auth/profile", ada, {"name": "Countess", **body})
    assert (refusal.status_code, refusal.json()["type"].rpartition(":")[2]) == (status, slug)
    assert (await auth.get("/auth/profile", ada)).json()["name"] == "Ada"
    await idle(sql)
    assert [mail.subject for mail in mailbox.all()] == ["Confirm your email address"]
    assert mailbox.all(NEW) == []


async def test_an_address_that_was_taken_meanwhile_stays_with_who_has_it(
    auth: AuthClient, mailbox: Mailbox, ada: str
) -> None:
    await ask(auth, ada)
    token = await link(mailbox)
    await auth.register(email="Countess@example.com")
    refusal = await follow(auth, token)
    assert (refusal.status_code, refusal.json()["type"]) == (409, "urn:problem-type:strongroom:email-taken")
    assert (await auth.sign_in()).status_code == 200


async def test_whether_an_address_is_taken_is_not_told_to_who_asks(auth: AuthClient, ada: str) -> None:
    await auth.register(email="bob@example.com")
    answers = [await ask(auth, ada, email) for email in ("bob@example.com", "nobody@example.com")]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()


async def test_two_accounts_that_want_one_address_do_not_both_get_it(auth: AuthClient, mailbox: Mailbox) -> None:
    tokens = []
    for number in (1, 2):
        await auth.register(email=f"ada{number}@example.com")
        await ask(auth, await auth.access_token(username=f"ada{number}@example.com"))
        tokens.append(await link(mailbox, count=number))
    answers = await asyncio.gather(*(follow(auth, token) for token in tokens))
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_a_changed_password_voids_a_thief_s_change_of_address(
    auth: AuthClient, mailbox: Mailbox, ada: str
) -> None:
    await ask(auth, ada, "thief@example.com")
    token = await link(mailbox, "thief@example.com")
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    assert (await auth.send("POST", "/auth/profile/password", ada, body)).status_code == 204
    assert (await follow(auth, token)).status_code == 400


async def test_a_newer_change_of_address_voids_an_older_one(auth: AuthClient, mailbox: Mailbox, ada: str) -> None:
    first, second = "first@example.com", "second@example.com"
    tokens = []
    for email in (first, second):
        await ask(auth, ada, email)
        tokens.append(await link(mailbox, email))
    assert [(await follow(auth, token)).status_code for token in tokens] == [400, 200]


async def test_one_account_cannot_mail_to_many_addresses(auth: AuthClient, ada: str) -> None:
    answers = [await ask(auth, ada, f"someone{number}@example.com") for number in range(4)]
    assert [answer.status_code for answer in answers] == [200] * 3 + [429]
    assert answers[3].json()["type"] == "urn:problem-type:strongroom:too-many-attempts"


async def test_a_stolen_token_cannot_guess_the_password_here_either(auth: AuthClient, ada: str) -> None:
    guesses = [await ask(auth, ada, current_password=f"guess {number}") for number in range(6)]
    assert [answer.status_code for answer in guesses] == [403] * 5 + [429]
    assert (await ask(auth, ada)).status_code == 429

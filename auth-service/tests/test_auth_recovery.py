"""What a link in a mail is good for, how often, for how long, and what asking for one tells a stranger."""

import asyncio
import re
import time
from datetime import timedelta

import asyncpg
import pytest
from auth_client import PASSWORD, AuthClient
from read_mail import Mailbox

from auth_service.settings import AuthSettings

NEW = "meadow-cobalt-91-sparrow"
VERIFY = "Confirm your email address"
RESET = "Choose a new password"
CHANGED = "Your password was changed"


async def idle(sql: asyncpg.Connection) -> None:
    """Until every job is done."""
    async with asyncio.timeout(20):
        while await sql.fetchval("select count(*) from auth.pgqueuer"):
            pass


async def post(auth: AuthClient, path: str, **body: object) -> tuple[int, dict[str, object]]:
    answer = await auth.send("POST", path, json=body)
    return answer.status_code, answer.json() if answer.content else {}


async def forgot(auth: AuthClient, mailbox: Mailbox, count: int = 1) -> str:
    """The token in the mail."""
    assert (await post(auth, "/auth/password/forgot", email="ada@example.com"))[0] == 202
    return (await mailbox.newest(RESET, count=count)).token


async def reset(auth: AuthClient, token: str, password: str = NEW) -> int:
    return (await post(auth, "/auth/password/reset", token=token, new_password=password))[0]


async def verified(auth: AuthClient, password: str = PASSWORD) -> object:
    return (await auth.get("/auth/profile", await auth.access_token(password=password))).json()["email_verified"]


async def age_links(sql: asyncpg.Connection, age: timedelta) -> None:
    await sql.execute("update auth.one_time_tokens set expires_at = expires_at - $1::interval", age)


async def test_a_registration_is_confirmed_by_its_link_once(auth: AuthClient, mailbox: Mailbox) -> None:
    await auth.register()
    token = (await mailbox.newest(VERIFY)).token
    assert await verified(auth) is False
    proved = (200, {"email": "ada@example.com", "email_verified": True})
    assert await post(auth, "/auth/email/verify", token=token) == proved
    assert await verified(auth) is True
    status, problem = await post(auth, "/auth/email/verify", token=token)
    assert (status, problem["type"]) == (400, "urn:problem-type:strongroom:invalid-link")


async def test_looking_at_a_link_does_not_use_it_up(auth: AuthClient, mailbox: Mailbox) -> None:
    await auth.register()
    links = [(await mailbox.newest(VERIFY)).path]
    await forgot(auth, mailbox)
    links.append((await mailbox.newest(RESET)).path)
    for path in links:
        for method in ("GET", "GET", "HEAD"):
            answer = await auth.send(method, path)
            assert answer.status_code == (200 if method == "GET" else 405)
    assert await verified(auth) is False
    assert (await post(auth, "/auth/email/verify", token=links[0].rpartition("=")[2]))[0] == 200
    assert await reset(auth, links[1].rpartition("=")[2]) == 204


async def test_a_person_confirms_on_a_page_without_scripts(auth: AuthClient, mailbox: Mailbox) -> None:
    await auth.register()
    mail = await mailbox.newest(VERIFY)
    shown = await auth.get(mail.path)
    assert shown.headers["content-type"].startswith("text/html")
    assert shown.headers["content-security-policy"].startswith("default-src 'none'")
    assert shown.headers["referrer-policy"] == "no-referrer"
    assert shown.headers["cache-control"] == "no-store"
    assert "<script" not in shown.text
    assert 'href="../assets/style.css"' in shown.text
    assert re.findall(r'name="token" value="(.*?)"', shown.text) == [mail.token]
    answer = await auth.http.post(f"{auth.origin}/auth/email/verify", data={"token": mail.token})
    assert (answer.status_code, "ada@example.com is confirmed" in answer.text) == (200, True)
    again = await auth.http.post(f"{auth.origin}/auth/email/verify", data={"token": mail.token})
    assert (again.status_code, "not good any more" in again.text) == (400, True)
    assert (await auth.get(mail.path)).status_code == 400


async def test_a_page_repeats_nothing_of_a_made_up_link(auth: AuthClient) -> None:
    for path in ("email/verify", "password/reset"):
        answer = await auth.get(f"/auth/{path}?token=%22%3E%3Cscript%3E")
        assert (answer.status_code, "script" in answer.text) == (400, False)


async def test_a_person_chooses_a_new_password_on_a_page(auth: AuthClient, mailbox: Mailbox) -> None:
    await auth.register()
    token = await forgot(auth, mailbox)
    url = f"{auth.origin}/auth/password/reset"
    weak = await auth.http.post(url, data={"token": token, "new_password": "password"})
    assert (weak.status_code, 'role="alert"' in weak.text, 'value="' + token in weak.text) == (422, True, True)
    done = await auth.http.post(url, data={"token": token, "new_password": NEW})
    assert (done.status_code, "signed out everywhere" in done.text) == (200, True)
    assert (await auth.sign_in(password=NEW)).status_code == 200


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        ("token=a&token=b", "application/x-www-form-urlencoded", 400),
        ("{", "application/json", 400),
        ("[]", "application/json", 422),
        ('{"token": 7}', "application/json", 422),
        ('{"token": "a\\u0000"}', "application/json", 400),
        ("token=" + "a" * 300, "application/x-www-form-urlencoded", 422),
        ("token=a", "text/plain", 415),
    ],
)
async def test_malformed_answers_to_a_link_are_refused(auth: AuthClient, content: str, kind: str, status: int) -> None:
    answer = await auth.http.post(f"{auth.origin}/auth/email/verify", content=content, headers={"content-type": kind})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_a_new_password_ends_every_session_and_is_told(auth: AuthClient, mailbox: Mailbox) -> None:
    await auth.register()
    before = (await auth.sign_in()).json()
    token = await forgot(auth, mailbox)
    assert await reset(auth, token) == 204
    assert (await auth.token(grant_type="refresh_token", refresh_token=before["refresh_token"])).status_code == 400
    assert (await auth.get("/auth/profile", before["access_token"])).status_code == 401
    assert (await auth.sign_in()).status_code == 400
    assert await verified(auth, NEW) is True  # they read the mail
    await mailbox.newest(CHANGED)
    assert await reset(auth, token) == 400


async def test_a_weak_password_does_not_use_the_link_up(auth: AuthClient, mailbox: Mailbox) -> None:
    await auth.register()
    token = await forgot(auth, mailbox)
    status, problem = await post(auth, "/auth/password/reset", token=token, new_password="password")
    assert (status, problem["type"]) == (422, "urn:problem-type:strongroom:weak-password")
    assert await reset(auth, token) == 204


async def test_of_200_uses_of_one_link_at_once_one_succeeds(auth: AuthClient, mailbox: Mailbox) -> None:
    await auth.register()
    token = await forgot(auth, mailbox)
    passwords = [f"{NEW}-{number}" for number in range(200)]
    statuses = await asyncio.gather(*(reset(auth, token, password) for password in passwords))
    assert statuses.count(204) == 1
    assert set(statuses) <= {204, 400, 503}  # 503: more hashes than a client would wait for
    assert (await auth.sign_in(password=passwords[statuses.index(204)])).status_code == 200


async def test_of_200_confirmations_at_once_one_succeeds(auth: AuthClient, mailbox: Mailbox) -> None:
    await auth.register()
    token = (await mailbox.newest(VERIFY)).token
    answers = await asyncio.gather(*(post(auth, "/auth/email/verify", token=token) for _ in range(200)))
    assert sorted(status for status, _ in answers) == [200] + [400] * 199


async def test_a_newer_link_voids_an_older_one(auth: AuthClient, mailbox: Mailbox) -> None:
    await auth.register()
    old = await forgot(auth, mailbox)
    new = await forgot(auth, mailbox, count=2)
    assert await reset(auth, old) == 400
    assert await reset(auth, new) == 204


async def test_a_changed_password_voids_the_links(auth: AuthClient, mailbox: Mailbox) -> None:
    await auth.register()
    token = await forgot(auth, mailbox)
    change = {"current_password": PASSWORD, "new_password": NEW}
    assert (await auth.send("POST", "/auth/profile/password", await auth.access_token(), change)).status_code == 204
    assert await reset(auth, token) == 400


async def test_links_end(auth: AuthClient, mailbox: Mailbox, sql: asyncpg.Connection) -> None:
    await auth.register()
    verify, password = (await mailbox.newest(VERIFY)).token, await forgot(auth, mailbox)
    await age_links(sql, timedelta(minutes=59))
    assert (await auth.get(f"/auth/password/reset?token={password}")).status_code == 200
    await age_links(sql, timedelta(minutes=1))
    assert (await auth.get(f"/auth/password/reset?token={password}")).status_code == 400
    assert await reset(auth, password) == 400
    await age_links(sql, timedelta(hours=22, minutes=59))
    assert (await auth.get(f"/auth/email/verify?token={verify}")).status_code == 200
    await age_links(sql, timedelta(minutes=1))
    assert (await post(auth, "/auth/email/verify", token=verify))[0] == 400


async def test_a_link_is_good_for_nothing_else(auth: AuthClient, mailbox: Mailbox) -> None:
    await auth.register()
    verify, password = (await mailbox.newest(VERIFY)).token, await forgot(auth, mailbox)
    assert await reset(auth, verify) == 400
    assert (await post(auth, "/auth/email/verify", token=password))[0] == 400


async def test_a_disabled_account_is_not_opened_by_a_link(
    auth: AuthClient, mailbox: Mailbox, sql: asyncpg.Connection
) -> None:
    await auth.register()
    token = await forgot(auth, mailbox)
    await sql.execute("update auth.accounts set disabled_at = now() where email = 'ada@example.com'")
    assert await reset(auth, token) == 400
    assert (await post(auth, "/auth/password/forgot", email="ada@example.com"))[0] == 202
    await idle(sql)
    assert len([mail for mail in mailbox.all() if mail.subject == RESET]) == 1


@pytest.mark.parametrize("path", ["/auth/password/forgot", "/auth/email/resend"])
async def test_asking_tells_nothing_about_accounts(
    auth: AuthClient, mailbox: Mailbox, sql: asyncpg.Connection, path: str
) -> None:
    await auth.register()
    await mailbox.newest(VERIFY)
    emails = ["ada@example.com", "nobody@example.com", "no address", "root@example.com"]
    answers = [await post(auth, path, email=email) for email in emails]
    assert answers == [(202, answers[0][1])] * 4
    await idle(sql)
    assert len(mailbox.all()) == 2
    assert mailbox.all("nobody@example.com") == []


async def test_asking_takes_as_long_whether_or_not_there_is_an_account(auth: AuthClient) -> None:
    times: dict[bool, list[float]] = {True: [], False: []}
    for number in range(30):
        await auth.register(email=f"known{number}@example.com", password=PASSWORD)
    for number in range(30):
        for known in (True, False):
            email = f"known{number}@example.com" if known else f"other{number}@example.com"
            began = time.perf_counter()
            assert (await post(auth, "/auth/password/forgot", email=email))[0] == 202
            times[known].append(time.perf_counter() - began)
    ratio = min(times[True]) / min(times[False])  # what the machine does besides is in all the others
    assert 0.5 < ratio < 2


async def test_asking_does_the_same_whether_or_not_there_is_an_account(
    auth: AuthClient, settings: AuthSettings, sql: asyncpg.Connection
) -> None:
    """What the time follows from: not a statement differs."""
    await auth.register()
    await idle(sql)
    await sql.execute("delete from auth.pgqueuer_log")
    for email in ("ada@example.com", "nobody@example.com"):
        assert (await post(auth, "/auth/password/forgot", email=email))[0] == 202
    enqueued = "select count(*) from auth.pgqueuer_log where entrypoint = 'password-forgotten' and status = 'queued'"
    assert await sql.fetchval(enqueued) == 2


async def test_asking_again_and_again_sends_three_mails_and_tells_nobody(
    auth: AuthClient, mailbox: Mailbox, sql: asyncpg.Connection
) -> None:
    await auth.register()
    answers = [await post(auth, "/auth/password/forgot", email="ADA@example.com ") for _ in range(10)]
    assert [status for status, _ in answers] == [202] * 10
    await idle(sql)
    assert len([mail for mail in mailbox.all() if mail.subject == RESET]) == 3


async def test_one_client_cannot_ask_for_many_addresses(auth: AuthClient) -> None:
    async def ask(number: int) -> int:
        body = {"email": f"someone{number}@example.com"}
        url = f"{auth.origin}/auth/{'password/forgot' if number % 2 else 'email/resend'}"
        return (await auth.http.post(url, json=body, headers={"X-Forwarded-For": "203.0.113.9"})).status_code

    statuses = [await ask(number) for number in range(22)]
    assert statuses == [202] * 20 + [429] * 2


async def test_a_signed_in_person_asks_without_saying_the_address(
    auth: AuthClient, mailbox: Mailbox, sql: asyncpg.Connection
) -> None:
    await auth.register()
    first = (await mailbox.newest(VERIFY)).token
    token = await auth.access_token()
    assert (await auth.send("POST", "/auth/email/resend", token)).status_code == 202
    again = (await mailbox.newest(VERIFY, count=2)).token
    assert first != again
    assert (await post(auth, "/auth/email/verify", token=first))[0] == 200  # whichever of the mails they open
    assert (await auth.send("POST", "/auth/email/resend", token)).status_code == 202
    await idle(sql)
    assert len(mailbox.all()) == 2  # verified by now
    assert (await auth.send("POST", "/auth/email/resend")).status_code == 401


async def test_a_deleted_account_cannot_be_verified_or_reset(auth: AuthClient, mailbox: Mailbox) -> None:
    await auth.register()
    verify, password = (await mailbox.newest(VERIFY)).token, await forgot(auth, mailbox)
    await auth.delete("/auth/profile", await auth.access_token())
    assert await reset(auth, password) == 400
    assert (await post(auth, "/auth/email/verify", token=verify))[0] == 400

"""What goes by mail: proving an address, resetting a password, changing an address; each link good once."""

import asyncio
import email
import email.policy
import re
from pathlib import Path

import pytest
from auth_client import PASSWORD, AuthClient

from auth_service.settings import AuthSettings
from strongroom.database import Database

NEW = "meadow-cobalt-91-sparrow"
_LINK = re.compile(r"http://strongroom\.test(/auth/\S+\?token=(\S+))")


class Mailbox:
    """The mails that were sent, as they lie in the folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _to(self, address: str) -> list[str]:
        mails = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in self._paths()]
        return [str(mail.get_content()) for mail in mails if mail["To"] == address]

    def _paths(self) -> list[Path]:
        return sorted(self._folder.glob("*.eml")) if self._folder.exists() else []

    async def mail(self, address: str, number: int) -> str:
        """The `number`-th to that address, once it is there."""
        async with asyncio.timeout(20):
            while len(found := self._to(address)) < number:  # noqa: ASYNC110 - a folder tells nobody when a file comes
                await asyncio.sleep(0.02)
        return found[number - 1]

    async def token(self, address: str, number: int) -> str:
        link = _LINK.search(await self.mail(address, number))
        assert link is not None
        return link[2]


@pytest.fixture
def mailbox(settings: AuthSettings) -> Mailbox:
    assert settings.mail_dir is not None
    return Mailbox(Path(settings.mail_dir))


async def post(auth: AuthClient, path: str, **body: str) -> int:
    return (await auth.send("POST", path, json=body)).status_code


async def test_an_address_is_proved_by_its_link_and_once(auth: AuthClient, mailbox: Mailbox) -> None:
    await auth.register()
    token = await mailbox.token("ada@example.com", 1)
    page = await auth.get(f"/auth/email/verify?token={token}")
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    access = await auth.access_token()
    assert (await auth.get("/auth/profile", access)).json()["email_verified"] is False  # a GET consumes nothing
    answer = await auth.send("POST", "/auth/email/verify", json={"token": token})
    assert answer.json() == {"email": "ada@example.com", "email_verified": True}
    assert (await auth.get("/auth/profile", access)).json()["email_verified"] is True
    assert await post(auth, "/auth/email/verify", token=token) == 400


async def test_a_form_without_javascript_does_too(auth: AuthClient, mailbox: Mailbox) -> None:
    await auth.register()
    token = await mailbox.token("ada@example.com", 1)
    answer = await auth.http.post(f"{auth.origin}/auth/email/verify", data={"token": token})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")


async def test_forgetting_tells_nobody_who_has_an_account(auth: AuthClient) -> None:
    await auth.register()
    known = await auth.send("POST", "/auth/password/forgot", json={"email": "ada@example.com"})
    unknown = await auth.send("POST", "/auth/password/forgot", json={"email": "nobody@example.com"})
    assert known.status_code == unknown.status_code == 202
    assert known.text == unknown.text


async def test_a_reset_password_ends_every_session(auth: AuthClient, mailbox: Mailbox) -> None:
    await auth.register()
    before = (await auth.sign_in()).json()
    await post(auth, "/auth/password/forgot", email="ada@example.com")
    token = await mailbox.token("ada@example.com", 2)
    assert await post(auth, "/auth/password/reset", token=token, new_password="weak") == 422
    assert await post(auth, "/auth/password/reset", token=token, new_password=NEW) == 204
    assert (await auth.token(grant_type="refresh_token", refresh_token=before["refresh_token"])).status_code == 400
    assert (await auth.sign_in()).status_code == 400
    assert (await auth.sign_in(password=NEW)).status_code == 200


async def test_of_many_uses_of_a_reset_link_at_once_one_counts(auth: AuthClient, mailbox: Mailbox) -> None:
    await auth.register()
    await post(auth, "/auth/password/forgot", email="ada@example.com")
    token = await mailbox.token("ada@example.com", 2)
    outcomes = await asyncio.gather(
        *(post(auth, "/auth/password/reset", token=token, new_password=f"{NEW}-{number}") for number in range(40))
    )
    assert outcomes.count(204) == 1
    assert set(outcomes) == {204, 400}


async def test_a_newer_reset_link_voids_the_older_one(auth: AuthClient, mailbox: Mailbox) -> None:
    await auth.register()
    await post(auth, "/auth/password/forgot", email="ada@example.com")
    older = await mailbox.token("ada@example.com", 2)
    await post(auth, "/auth/password/forgot", email="ada@example.com")
    newer = await mailbox.token("ada@example.com", 3)
    assert await post(auth, "/auth/password/reset", token=older, new_password=NEW) == 400
    assert await post(auth, "/auth/password/reset", token=newer, new_password=NEW) == 204


async def test_a_link_of_one_kind_is_no_use_as_another(auth: AuthClient, mailbox: Mailbox) -> None:
    await auth.register()
    token = await mailbox.token("ada@example.com", 1)
    assert await post(auth, "/auth/password/reset", token=token, new_password=NEW) == 400


async def test_a_new_address_counts_when_its_link_is_followed_and_both_are_told(
    auth: AuthClient, mailbox: Mailbox
) -> None:
    await auth.register()
    access = await auth.access_token()
    change = {"email": "countess@example.com", "current_password": PASSWORD}
    wrong = await auth.send("PATCH", "/auth/profile", access, {**change, "current_password": "wrong"})
    assert wrong.status_code == 403
    assert (await auth.send("PATCH", "/auth/profile", access, change)).json()["email"] == "ada@example.com"
    await mailbox.mail("ada@example.com", 2)
    token = await mailbox.token("countess@example.com", 1)
    assert await post(auth, "/auth/email/verify", token=token) == 200
    assert (await auth.get("/auth/profile", access)).json()["email"] == "countess@example.com"
    assert (await auth.sign_in(username="countess@example.com")).status_code == 200
    assert (await auth.sign_in()).status_code == 400


async def test_an_address_that_was_taken_meanwhile_stays_with_its_owner(auth: AuthClient, mailbox: Mailbox) -> None:
    await auth.register()
    change = {"email": "bob@example.com", "current_password": PASSWORD}
    await auth.send("PATCH", "/auth/profile", await auth.access_token(), change)
    token = await mailbox.token("bob@example.com", 1)
    await auth.register(email="bob@example.com")
    assert await post(auth, "/auth/email/verify", token=token) == 409


async def test_no_link_lies_in_the_database_in_the_clear(
    auth: AuthClient, mailbox: Mailbox, settings: AuthSettings
) -> None:
    await auth.register()
    await post(auth, "/auth/password/forgot", email="ada@example.com")
    tokens = [await mailbox.token("ada@example.com", number) for number in (1, 2)]
    database = Database(settings.database_url.get_secret_value())
    async with database.reading() as connection:
        names = "select tablename from pg_tables where schemaname = 'auth'"
        dump = ""
        for name in (await connection.exec_driver_sql(names)).scalars().all():
            rows = await connection.exec_driver_sql(f'select t::text from auth."{name}" t')
            dump += "\n".join(rows.scalars())
    await database.aclose()
    assert "ada@example.com" in dump
    for token in tokens:
        assert token not in dump
        assert token.encode().hex() not in dump

"""Links with a password: how it is given, what a wrong one is told, and that guessing gets slow."""

import asyncio
import unicodedata
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from file_client import FileClient
from link_visitor import LinkVisitor, basic, linked, prolong

from file_service.links.errors import PasswordThrottled, WrongPassword
from file_service.links.passwords import LinkPasswords
from file_service.links.proofs import Proofs
from strongroom.database import Database
from strongroom.database.attempts import Attempts
from strongroom.passwords import Passwords

CHALLENGE = 'Basic realm="Strongroom share link", charset="UTF-8"'


async def guarded(client: FileClient, password: str = "right") -> Any:
    return await linked(client, b"guarded", password=password)


async def test_a_program_gives_the_password_by_http_basic(ada: FileClient, visitor: LinkVisitor) -> None:
    link = await guarded(ada)
    assert link["has_password"]
    for credentials in ("anybody:right", ":right"):
        answer = await visitor.ask(link["url"], headers=basic(credentials))
        assert (answer.status_code, answer.content) == (200, b"guarded")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_missing_or_wrong_password_is_challenged(ada: FileClient, visitor: LinkVisitor, method: str) -> None:
    cases: list[tuple[dict[str, str], str]] = [
        ({}, "needed"),
        (basic("right"), "needed"),
        (basic("anybody:"), "needed"),
        (basic(b"anybody:r\xefght"), "needed"),
        ({"Authorization": "Basic"}, "needed"),
        ({"Authorization": "Basic %%%"}, "needed"),
        ({"Authorization": "Basic YTpyaWdodA"}, "needed"),
        ({"Authorization": "Bearer YTpyaWdodA=="}, "needed"),
        (basic("anybody:Right"), "wrong"),
        (basic("anybody:right "), "wrong"),
        (basic("anybody:right:"), "wrong"),
        (basic("anybody:\0"), "wrong"),
        (basic("anybody:" + "x" * 1025), "wrong"),
        (basic("anybody:" + "x" * 20_000), "wrong"),
    ]
    for headers, slug in cases:
        answer = await visitor.ask((await guarded(ada))["url"], method, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == CHALLENGE
        assert "content-disposition" not in answer.headers
        if method == "GET":
            assert answer.json()["type"] == f"urn:problem-type:strongroom:link-password-{slug}"


async def test_passwords_of_every_kind_count_to_their_last_character(ada: FileClient, visitor: LinkVisitor) -> None:
    # The last one gets three times as long where it is brought into its normal form.
    for password in ("ü" * 1024, "a:b:c", "\0", "日本語", "x" * 72 + "y", " spaced ", "\ufb2c" * 1024):
        link = await guarded(ada, password)
        assert (await visitor.ask(link["url"], password=password)).status_code == 200
        assert (await visitor.ask(link["url"], password=password[:-1] + "z")).status_code == 401


async def test_the_same_characters_typed_on_another_system_are_the_same_password(
    ada: FileClient, visitor: LinkVisitor
) -> None:
    link = await guarded(ada, unicodedata.normalize("NFD", "crème brûlée"))
    assert (await visitor.ask(link["url"], password=unicodedata.normalize("NFC", "crème brûlée"))).status_code == 200


async def test_half_a_character_is_no_password(ada: FileClient) -> None:
    file_id = (await ada.upload(b"x")).json()["id"]
    answer = await ada.send(rb'{"password": "\ud800"}', kind="application/json", path=f"/files/{file_id}/links")
    assert answer.status_code == 400


async def test_half_a_character_in_a_form_is_a_wrong_password(ada: FileClient, visitor: LinkVisitor) -> None:
    link = await guarded(ada)
    part = b'--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n\\ud800\r\n--b--\r\n'
    kind = {"Content-Type": "multipart/form-data; boundary=b; charset=unicode_escape"}
    answer = await visitor.ask(link["url"], "POST", body=part, headers=kind)
    assert answer.status_code == 401


async def test_only_a_bcrypt_hash_of_the_password_is_stored(ada: FileClient, database: Database) -> None:
    await guarded(ada, "correct horse")
    async with database.reading() as connection:
        stored = str((await connection.exec_driver_sql("select password_hash from files.links")).scalar_one())
    assert stored.startswith("$bcrypt-sha256$")
    assert "correct horse" not in stored


async def test_after_five_guesses_even_the_right_password_has_to_wait(
    ada: FileClient, visitor: LinkVisitor, database: Database
) -> None:
    link = await guarded(ada)
    for number in range(5):
        assert (await visitor.ask(link["url"], password=f"guess {number}")).status_code == 401
    await prolong(database)
    answer = await visitor.ask(link["url"], password="right")
    assert answer.status_code == 429
    assert 3590 < int(answer.headers["retry-after"]) <= 3601
    assert answer.json()["type"] == "urn:problem-type:strongroom:too-many-attempts"


async def test_guesses_at_one_link_do_not_slow_another(ada: FileClient, visitor: LinkVisitor) -> None:
    guessed, other = await guarded(ada), await guarded(ada)
    await asyncio.gather(*(visitor.ask(guessed["url"], password="wrong") for _ in range(10)))
    assert (await visitor.ask(other["url"], password="right")).status_code == 200


async def test_asking_without_a_password_is_no_guess(ada: FileClient, visitor: LinkVisitor) -> None:
    link = await guarded(ada)
    for _ in range(10):
        assert (await visitor.ask(link["url"])).status_code == 401
    assert (await visitor.ask(link["url"], password="right")).status_code == 200


async def test_a_right_password_forgets_the_failures(ada: FileClient, visitor: LinkVisitor) -> None:
    link = await guarded(ada)
    for _ in range(3):
        for _ in range(4):
            assert (await visitor.ask(link["url"], password="wrong")).status_code == 401
        assert (await visitor.ask(link["url"], password="right")).status_code == 200


async def test_a_download_in_many_parts_at_once_is_not_taken_for_guessing(
    ada: FileClient, visitor: LinkVisitor
) -> None:
    link = await guarded(ada)
    assert (await visitor.ask(link["url"], "HEAD", password="right")).status_code == 200
    parts = [visitor.ask(link["url"], password="right", headers={"Range": f"bytes={n}-{n}"}) for n in range(7)]
    answers = await asyncio.gather(*parts)
    assert [answer.status_code for answer in answers] == [206] * 7
    assert b"".join(answer.content for answer in answers) == b"guarded"


class Guesser:
    """Tries passwords from whatever address, all at the same moment."""

    def __init__(self, passwords: Passwords, database: Database) -> None:
        self._hash: str | None = None
        self._passwords = passwords
        self.link = uuid4()
        now = datetime.now(UTC)
        self.attempts = Attempts(database, "files", b"k" * 32, clock=lambda: now)
        self.checks = LinkPasswords(passwords, self.attempts, Proofs(b"k" * 32))

    async def outcome(self, password: str, address: str) -> str:
        self._hash = self._hash or await self.checks.hash("right")
        try:
            await self.checks.check(self.link, self._hash, password, address)
        except WrongPassword:
            return "wrong"
        except PasswordThrottled:
            return "throttled"
        return "right"


@pytest.fixture
async def guesser(database: Database) -> AsyncIterator[Guesser]:
    passwords = Passwords(rounds=4, workers=2)
    yield Guesser(passwords, database)
    passwords.close()


async def test_guesses_at_once_are_counted_each(guesser: Guesser) -> None:
    await guesser.outcome("right", "192.0.2.9")
    outcomes = await asyncio.gather(*(guesser.outcome(f"guess {number}", "192.0.2.1") for number in range(40)))
    assert sorted(outcomes) == ["throttled"] * 35 + ["wrong"] * 5


async def test_guesses_from_one_address_do_not_keep_out_another(guesser: Guesser) -> None:
    outcomes = [await guesser.outcome("wrong", "192.0.2.1") for _ in range(30)]
    assert outcomes[5:] == ["throttled"] * 25
    assert await guesser.outcome("right", "192.0.2.2") == "right"


async def test_guesses_from_many_addresses_get_slow_too(guesser: Guesser) -> None:
    outcomes = [await guesser.outcome("wrong", f"192.0.2.{number}") for number in range(60)]
    assert outcomes[:50] == ["wrong"] * 50
    assert outcomes[50:] == ["throttled"] * 10


async def test_what_was_not_judged_for_the_others_guesses_is_no_failure_of_ones_own(guesser: Guesser) -> None:
    for number in range(50):
        await guesser.outcome("wrong", f"192.0.2.{number}")
    assert [await guesser.outcome("right", "198.51.100.1") for _ in range(8)] == ["throttled"] * 8
    await guesser.attempts.succeeded("link", str(guesser.link))
    assert await guesser.outcome("right", "198.51.100.1") == "right"


async def test_who_has_proved_the_password_is_not_guessed_beside(guesser: Guesser) -> None:
    assert await guesser.outcome("right", "192.0.2.1") == "right"
    outcomes = [await guesser.outcome(f"guess {number}", "192.0.2.1") for number in range(5)]
    assert outcomes == ["wrong"] * 5
    assert await guesser.outcome("right", "192.0.2.1") == "throttled"


def test_a_proof_ends_with_time_and_holds_for_one_address_and_link() -> None:
    now = 0.0
    proofs = Proofs(b"k" * 32, clock=lambda: now)
    link, other = uuid4(), uuid4()
    proofs.add(link, "192.0.2.1", "right")
    assert proofs.hold(link, "192.0.2.1", "right")
    assert not proofs.hold(link, "192.0.2.2", "right")
    assert not proofs.hold(other, "192.0.2.1", "right")
    now = 300
    assert not proofs.hold(link, "192.0.2.1", "right")

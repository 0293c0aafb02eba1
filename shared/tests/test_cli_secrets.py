"""Where the command keeps profiles and secrets, and from whom."""

import os
import stat
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError
from scripted_server import ScriptedServer, document, problem
from starlette.types import ASGIApp

from strongroom.cli.accounts import logout
from strongroom.cli.failures import CommandError, NotSignedIn, WrongUsage
from strongroom.cli.invocation import Invocation, checked_url, is_private
from strongroom.cli.keyring_store import Keyring, usable
from strongroom.cli.output import Output
from strongroom.cli.private_files import Exposed, write
from strongroom.cli.profiles import BrokenProfile, Profile, Profiles
from strongroom.cli.secret_files import SecretFile
from strongroom.cli.secret_stores import KEYRING, store_of
from strongroom.client import KeptTokens, StrongroomError

Serve = Callable[[ASGIApp], Awaitable[str]]
NOW = datetime.now(UTC)
TOKENS = KeptTokens(access_token="a.b.c", refresh_token="r", issued_at=NOW, expires_at=NOW + timedelta(minutes=15))
PROFILE = Profile("work", "https://strongroom.test", "ada@example.com", "strongroom-cli", "file")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def store(tmp_path: Path) -> SecretFile:
    return SecretFile(tmp_path / "secrets" / "work.json")


def test_a_secret_is_in_a_file_that_only_its_owner_reads(store: SecretFile, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store.save(TOKENS)
    finally:
        os.umask(before)
    assert store.load() == TOKENS
    assert mode(tmp_path / "secrets") == 0o700
    assert mode(tmp_path / "secrets" / "work.json") == 0o600
    assert [path.name for path in (tmp_path / "secrets").iterdir()] == ["work.json"]  # nothing half written


@pytest.mark.parametrize(("name", "wide"), [("work.json", 0o640), ("work.json", 0o602), (".", 0o755), (".", 0o720)])
def test_what_others_can_read_or_write_is_refused(store: SecretFile, tmp_path: Path, name: str, wide: int) -> None:
    store.save(TOKENS)
    (tmp_path / "secrets" / name).chmod(wide)
    with pytest.raises(Exposed, match="chmod"):
        store.load()


def test_a_link_in_its_place_is_refused(store: SecretFile, tmp_path: Path) -> None:
    store.save(TOKENS)
    (tmp_path / "secrets" / "work.json").rename(tmp_path / "elsewhere.json")
    (tmp_path / "secrets" / "work.json").symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(Exposed):
        store.load()


def test_a_file_that_cannot_be_written_leaves_the_one_before(tmp_path: Path) -> None:
    write(tmp_path / "own" / "a", "before")
    with pytest.raises(UnicodeEncodeError):
        write(tmp_path / "own" / "a", "\udc80")
    assert (tmp_path / "own" / "a").read_text() == "before"
    assert len(list((tmp_path / "own").iterdir())) == 1


class InMemory(KeyringBackend):
    priority = 5.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError


@pytest.fixture
def in_memory() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(InMemory())
    yield
    keyring.set_keyring(before)


@pytest.mark.usefixtures("in_memory")
def test_a_keyring_keeps_it_where_there_is_one(tmp_path: Path) -> None:
    assert usable()
    store = Keyring("work", tmp_path / "secrets" / "work.lock")
    with store.exclusive():
        assert store.load() is None
        store.save(TOKENS)
    assert store.load() == TOKENS
    assert [path.name for path in (tmp_path / "secrets").iterdir()] == ["work.lock"]
    store.clear()
    store.clear()
    assert store.load() is None


@pytest.mark.usefixtures("in_memory")
def test_profiles_of_one_name_at_other_addresses_or_in_other_folders_share_no_secret(tmp_path: Path) -> None:
    profile = replace(PROFILE, secret_in=KEYRING)
    store_of(tmp_path / "secrets", profile).save(TOKENS)
    assert store_of(tmp_path / "secrets", profile).load() == TOKENS
    assert store_of(tmp_path / "secrets", replace(profile, url="https://other.test")).load() is None
    assert store_of(tmp_path / "elsewhere", profile).load() is None


@pytest.mark.parametrize("backend", ["fail", "null"])
def test_a_keyring_that_keeps_nothing_is_none(backend: str) -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(keyring.core.load_keyring(f"keyring.backends.{backend}.Keyring"))
    try:
        assert not usable()
    finally:
        keyring.set_keyring(before)


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", ".hidden", "a\nb", "x" * 65])
def test_a_profile_is_no_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(WrongUsage):
        Profiles(tmp_path).find(name)


def test_profiles_are_found_again_and_hold_no_secret(tmp_path: Path) -> None:
    profiles = Profiles(tmp_path / "profiles")
    profiles.save(PROFILE)
    assert profiles.find("work") == PROFILE
    assert list(profiles) == [PROFILE]
    profiles.remove("work")
    assert profiles.find("work") is None


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"url": 1, "more": 2}', "\x00"])
def test_a_broken_profile_is_told_and_not_guessed_at(tmp_path: Path, content: str) -> None:
    (tmp_path / "work.json").write_text(content)
    with pytest.raises(BrokenProfile):
        Profiles(tmp_path).find("work")


def invocation(tmp_path: Path, **given: str) -> Invocation:
    return Invocation(Output.standard(json=False), {"XDG_CONFIG_HOME": str(tmp_path), **given})


def test_the_tokens_of_a_profile_go_to_no_other_address(tmp_path: Path) -> None:
    Profiles(tmp_path / "strongroom" / "profiles").save(PROFILE)
    named = invocation(tmp_path, STRONGROOM_PROFILE="work")
    assert named.profile() == PROFILE
    for elsewhere in ("https://evil.test", "http://strongroom.test", "https://strongroom.test:8443"):
        with pytest.raises(WrongUsage):
            invocation(tmp_path, STRONGROOM_PROFILE="work", STRONGROOM_URL=elsewhere).profile()
    with pytest.raises(NotSignedIn):
        invocation(tmp_path).profile()


def signed_in(tmp_path: Path, url: str) -> Invocation:
    cli = invocation(tmp_path, STRONGROOM_PROFILE="work")
    cli.profiles.save(replace(PROFILE, url=url))
    cli.store(cli.profile()).save(TOKENS)
    return cli


async def test_a_profile_whose_secret_cannot_be_read_is_there_until_it_is_signed_out(
    serve: Serve, tmp_path: Path
) -> None:
    server = ScriptedServer(lambda _: document({}))
    cli = signed_in(tmp_path, await serve(server))
    secret = tmp_path / "strongroom" / "secrets" / "work.json"
    secret.chmod(0o644)
    with pytest.raises(Exposed):
        await logout(cli)
    assert cli.profiles.find("work") is not None
    secret.chmod(0o600)
    await logout(cli)
    assert (cli.profiles.find("work"), secret.exists()) == (None, False)
    assert server.lines == ["POST /auth/revoke"]


async def test_signing_out_leaves_whoever_signed_in_meanwhile(serve: Serve, tmp_path: Path) -> None:
    cli = signed_in(tmp_path, await serve(ScriptedServer(lambda _: document({}))))
    others = TOKENS.model_copy(update={"origin": "https://other.test"})
    cli.store(cli.profile()).save(others)
    await logout(cli)
    assert cli.store(cli.profile()).load() == others


async def test_signing_out_where_nobody_can_be_told_forgets_profile_and_secret(serve: Serve, tmp_path: Path) -> None:
    cli = signed_in(tmp_path, await serve(ScriptedServer(lambda _: problem(500, "broken"))))
    with pytest.raises(StrongroomError):
        await logout(cli)
    assert cli.profiles.find("work") is None
    assert list((tmp_path / "strongroom" / "secrets").glob("*.json")) == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "strongroom.test",
        "ftp://x",
        "https://",
        "https://a@b",
        "https://a/?q",
        "https://a#f",
        "https://é",
        "https://a\n",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(CommandError):
        checked_url(url)


def test_addresses_that_others_can_listen_to_are_known() -> None:
    private = ["https://a.test", "http://127.0.0.1:8080", "http://[::1]:1/x", "http://localhost"]
    assert all(map(is_private, private))
    assert not any(map(is_private, ["http://a.test", "http://127.0.0.1.evil.test", "http://localhost.evil.test"]))

import base64
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from strongroom_embedded.admin import load_admin
from strongroom_embedded.errors import ServerFailed
from strongroom_embedded.private_files import write_private
from strongroom_embedded.secrets_store import load_secrets


@pytest.fixture(autouse=True)
def careless_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_secrets_are_made_once(tmp_path: Path) -> None:
    made = load_secrets(tmp_path / "secrets")
    assert load_secrets(tmp_path / "secrets") == made
    assert len(base64.b64decode(made.master_key, validate=True)) == 32
    assert len({made.postgres_password, made.s3_access_key, made.s3_secret_key, made.master_key}) == 4


def test_secrets_are_their_owners_alone(tmp_path: Path) -> None:
    load_secrets(tmp_path / "secrets")
    assert mode(tmp_path / "secrets") == 0o700
    assert {mode(path) for path in (tmp_path / "secrets").iterdir()} == {0o600}


def test_a_directory_left_open_is_closed(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    load_secrets(tmp_path / "secrets")
    assert mode(tmp_path / "secrets") == 0o700


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    write_private(tmp_path / "key", "old")
    with pytest.raises(UnicodeEncodeError):
        write_private(tmp_path / "key", "\ud800")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("key", "old")]


def test_a_made_up_password_is_kept_and_is_new_only_once(tmp_path: Path) -> None:
    path = tmp_path / "admin.txt"
    first, second = load_admin(path, None, None), load_admin(path, None, None)
    assert (first.is_new, second.is_new) == (True, False)
    assert first.password == second.password
    assert path.read_text() == f"email: admin@strongroom.internal\npassword: {first.password}\n"
    assert mode(path) == 0o600


def test_a_given_password_is_not_written_down(tmp_path: Path) -> None:
    admin = load_admin(tmp_path / "admin.txt", "me@example.org", "given")
    assert (admin.email, admin.password, admin.is_new) == ("me@example.org", "given", False)
    assert not (tmp_path / "admin.txt").exists()


def test_the_kept_address_outlives_the_setting(tmp_path: Path) -> None:
    load_admin(tmp_path / "admin.txt", "me@example.org", None)
    assert load_admin(tmp_path / "admin.txt", None, None).email == "me@example.org"


def test_an_admin_file_without_a_password_is_named(tmp_path: Path) -> None:
    (tmp_path / "admin.txt").write_text("email: me@example.org\n")
    with pytest.raises(ServerFailed, match=r"admin\.txt"):
        load_admin(tmp_path / "admin.txt", None, None)

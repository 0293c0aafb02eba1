from pathlib import Path

import pytest

from strongroom_embedded.errors import BadSettings
from strongroom_embedded.settings import ObjectStoreAddress, Settings

STORE = {
    "STRONGROOM_S3_ENDPOINT": "http://127.0.0.1:9000",
    "STRONGROOM_S3_ACCESS_KEY": "access",
    "STRONGROOM_S3_SECRET_KEY": "secret",
    "STRONGROOM_S3_BUCKET": "bucket",
}


def test_nothing_set_means_port_8080_and_data_beside_the_caller() -> None:
    settings = Settings.from_environment({})
    assert (settings.port, settings.data) == (8080, Path.cwd() / ".data")
    assert settings.database_url is None
    assert settings.object_store is None


def test_an_empty_string_is_unset() -> None:
    settings = Settings.from_environment({"STRONGROOM_PORT": "", "STRONGROOM_DATABASE_URL": "", "STRONGROOM_DATA": ""})
    assert settings == Settings.from_environment({})


@pytest.mark.parametrize("port", ["http", "65536", "-1", "80.5", "8080 ", "٨٠٨٠"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(BadSettings, match="STRONGROOM_PORT"):
        Settings.from_environment({"STRONGROOM_PORT": port})


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+asyncpg"])
def test_any_spelling_of_a_database_url_is_passed_on_for_asyncpg(scheme: str) -> None:
    settings = Settings.from_environment({"STRONGROOM_DATABASE_URL": f"{scheme}://me:pw@db:5432/app"})
    assert settings.database_url == "postgresql+asyncpg://me:pw@db:5432/app"


@pytest.mark.parametrize("url", ["mysql://db/app", "db:5432/app"])
def test_a_database_url_of_another_kind_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(BadSettings, match="STRONGROOM_DATABASE_URL") as refused:
        Settings.from_environment({"STRONGROOM_DATABASE_URL": url})
    assert url not in str(refused.value)  # there may be a password in it


def test_a_whole_object_store_address_is_used() -> None:
    expected = ObjectStoreAddress("http://127.0.0.1:9000", "access", "secret", "bucket")
    assert Settings.from_environment(STORE).object_store == expected


@pytest.mark.parametrize("missing", [name for name in STORE if name != "STRONGROOM_S3_ENDPOINT"])
def test_an_object_store_without_keys_or_bucket_is_refused(missing: str) -> None:
    with pytest.raises(BadSettings, match=missing):
        Settings.from_environment(STORE | {missing: ""})


def test_a_public_url_must_be_one() -> None:
    with pytest.raises(BadSettings, match="STRONGROOM_PUBLIC_URL"):
        Settings.from_environment({"STRONGROOM_PUBLIC_URL": "files.example.org"})


def test_only_foreign_strongroom_variables_are_passed_through() -> None:
    environment = {"STRONGROOM_QUOTA": "5", "STRONGROOM_MASTER_KEY": "k", "STRONGROOM_PORT": "1", "PATH": "/bin"}
    assert Settings.from_environment(environment).passed_through == {"STRONGROOM_QUOTA": "5"}

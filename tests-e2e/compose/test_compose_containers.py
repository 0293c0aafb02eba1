"""What the containers are, as the engine tells it, and what they can reach."""

import json
from pathlib import Path

import pytest
from app_client import App

from compose.installation import Installation

_OURS = ["auth-service", "file-service", "file-worker", "file-webhooks", "gateway"]
_MAKE_A_BUCKET = """
from file_service.settings import StorageSettings
from file_service.storing import client
from minio.error import S3Error
settings = StorageSettings()
try:
    client(settings, settings.s3_endpoint).make_bucket(bucket_name="another")
except S3Error as error:
    print(error.code)
"""


def test_only_the_gateway_can_be_reached(installation: Installation) -> None:
    published = {one.service for one in installation.containers() if one.published}
    assert published == {"gateway"}


@pytest.mark.parametrize("service", [*_OURS, "postgres", "minio", "mail"])
def test_nothing_has_more_than_it_needs(installation: Installation, service: str) -> None:
    (found,) = (one for one in installation.containers() if one.service == service)
    host = found.host
    assert host["ReadonlyRootfs"] is True
    assert host["CapDrop"] == ["ALL"]
    assert "no-new-privileges:true" in host["SecurityOpt"]
    assert host["Memory"] > 0
    assert host["PidsLimit"] > 0
    assert host["RestartPolicy"]["Name"] == "unless-stopped"


@pytest.mark.parametrize("service", _OURS)
def test_ours_are_nobody_and_can_write_nowhere(installation: Installation, service: str) -> None:
    said = installation.said_by(service, "python", "-c", "import os; print(os.getuid(), os.access('/app', os.W_OK))")
    assert said == "10001 False"


def test_no_secret_is_in_an_environment(installation: Installation) -> None:
    named = [path for path in installation.secrets() if path.name.endswith(("password", "key", "url"))]
    secrets = [path.read_text() for path in named if not path.name.endswith("access_key")]
    assert secrets
    for one in installation.containers():
        if one.service != "secrets":  # what .env names goes through it, and it is gone
            assert not [secret for secret in secrets if secret in json.dumps(one.environment)], one.service


def test_each_is_given_what_it_has_to_know(installation: Installation) -> None:
    seen = {service: set(installation.said_by(service, "ls", "/run/secrets").split()) for service in _OURS[:2]}
    assert seen["auth-service"] == {
        "strongroom_admin_password",
        "strongroom_database_url",
        "strongroom_master_key",
        "strongroom_smtp_url",
    }
    assert seen["file-service"] == {
        "strongroom_database_url",
        "strongroom_s3_access_key",
        "strongroom_s3_secret_key",
    }


def test_the_key_of_the_services_opens_one_bucket(installation: Installation) -> None:
    assert installation.said_by("file-service", "python", "-c", _MAKE_A_BUCKET) == "AccessDenied"


def test_what_reads_files_has_no_way_out(installation: Installation) -> None:
    (worker,) = (one for one in installation.containers() if one.service == "file-worker")
    assert [name for name in worker.networks if name.endswith("_outside")] == []


def test_mails_reach_the_catcher(installation: Installation) -> None:
    (mail,) = (one for one in installation.containers() if one.service == "mail")
    if not mail.stands_in:
        pytest.skip("the real mail catcher does not print what it caught")
    with App(installation.url) as app:
        app.sign_up()
        assert installation.until_it_says("mail", app.email)


def test_started_again_it_keeps_its_secrets(installation: Installation) -> None:
    before = {path: path.read_text() for path in installation.secrets()}
    installation.up()
    assert {path: path.read_text() for path in installation.secrets()} == before
    assert Path(installation.secrets()[0]).parents[1].stat().st_mode & 0o077 == 0

"""Where settings come from."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from strongroom.web.settings import DatabaseSettings


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "strongroom_database_url").write_text("postgresql://from-a-file\n")
    monkeypatch.delenv("STRONGROOM_DATABASE_URL", raising=False)
    monkeypatch.setitem(DatabaseSettings.model_config, "secrets_dir", tmp_path)
    return tmp_path


@pytest.mark.usefixtures("secrets")
def test_a_secret_may_lie_in_a_file() -> None:
    assert DatabaseSettings().database_url == SecretStr("postgresql://from-a-file")


@pytest.mark.usefixtures("secrets")
def test_the_environment_goes_before_it_unless_it_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRONGROOM_DATABASE_URL", "postgresql://from-the-environment")
    assert DatabaseSettings().database_url == SecretStr("postgresql://from-the-environment")
    monkeypatch.setenv("STRONGROOM_DATABASE_URL", "")
    assert DatabaseSettings().database_url == SecretStr("postgresql://from-a-file")

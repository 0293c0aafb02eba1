import pytest
from pydantic import ValidationError

from gateway.settings import GatewaySettings


@pytest.mark.parametrize(
    "url", ["files:8000", "ftp://files", "http://", "http://files/base", "http://u@files", "//files"]
)
def test_a_service_is_named_by_its_origin(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("STRONGROOM_PUBLIC_URL", "https://x")
    monkeypatch.setenv("STRONGROOM_AUTH_URL", "http://auth:8000/")
    monkeypatch.setenv("STRONGROOM_FILES_URL", "http://files:8000")
    assert GatewaySettings().auth_url == ("http://auth:8000",)
    monkeypatch.setenv("STRONGROOM_FILES_URL", url)
    with pytest.raises(ValidationError):
        GatewaySettings()

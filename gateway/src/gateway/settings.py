"""The settings of the gateway, read once in `app.py`."""

from pydantic import Field, field_validator

from strongroom.web.settings import ServiceSettings


class GatewaySettings(ServiceSettings):
    auth_url: str = Field(description="Where the auth service listens: `http://host:port`, without a path")
    files_url: str = Field(description="Where the file service listens: `http://host:port`, without a path")
    upstream_connect_seconds: float = Field(default=5, gt=0)
    upstream_idle_seconds: float = Field(
        default=300, gt=0, description="Longest silence of a service, before the head of its answer or inside the body"
    )

    @field_validator("auth_url", "files_url")
    @classmethod
    def _origin(cls, value: str) -> str:
        """Targets are appended byte for byte, so a path here would silently rewrite them."""
        scheme, separator, authority = value.rstrip("/").partition("://")
        if scheme not in {"http", "https"} or not separator or not authority or set(authority) & set("/?#@"):
            raise ValueError("must be http://host:port without a path")
        return f"{scheme}://{authority}"

"""The settings of the gateway, read once in `app.py`."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from strongroom.web.settings import ServiceSettings


def _origin(value: str) -> str:
    """Targets are appended byte for byte, so a path here would silently rewrite them."""
    scheme, separator, authority = value.strip().rstrip("/").partition("://")
    if scheme not in {"http", "https"} or not separator or not authority or set(authority) & set("/?#@ "):
        raise ValueError("must be http://host:port without a path")
    return f"{scheme}://{authority}"


def _listed(value: object) -> object:
    return value.split(",") if isinstance(value, str) else value


def _web_origin(value: str) -> str:
    return value.strip() if value.strip() == "*" else _origin(value).lower()


def _prefixes(value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    if any(not prefix.startswith("/") or prefix.endswith("/") for prefix in value):
        raise ValueError("a route is a path that begins with a slash and does not end with one")
    return value


WebOrigin = Annotated[str, AfterValidator(_web_origin)]
Origin = Annotated[str, AfterValidator(_origin)]
Origins = Annotated[tuple[Origin, ...], NoDecode, BeforeValidator(_listed), Field(min_length=1)]


class GatewaySettings(ServiceSettings):
    auth_url: Origins = Field(description="Where the auth service listens: `http://host:port`, several by commas")
    files_url: Origins = Field(description="Where the file service listens: `http://host:port`, several by commas")
    routes: Annotated[dict[str, Origins], AfterValidator(_prefixes)] = Field(
        default_factory=dict, description='JSON, of services of your own: {"/reports": "http://host:port"}'
    )
    cors_origins: Annotated[tuple[WebOrigin, ...], NoDecode, BeforeValidator(_listed)] = Field(
        default=(), description="Origins of pages that may use the API from browsers, by commas; `*` for all"
    )
    requests_per_second_by_token: int = Field(default=1000, ge=0, description="Of one access token; 0 for no limit")
    requests_per_second_by_address: int = Field(
        default=200, ge=0, description="Of one address that sends no good token; 0 for no limit"
    )
    limits_url: SecretStr | None = Field(
        default=None, description="`redis://` or `valkey://`, where all replicas count together; else each for itself"
    )
    upstream_connect_seconds: float = Field(default=5, gt=0)
    upstream_idle_seconds: float = Field(
        default=300, gt=0, description="Longest silence of a service, before the head of its answer or inside the body"
    )
    upstream_examined_seconds: float = Field(
        default=2, gt=0, description="How often the processes of a service that has several are asked how they are"
    )
    console: bool = Field(default=True, description="Whether `/` is the web console; else there is nothing")
    metrics_listen: str | None = Field(
        default=None,
        pattern=r"^.+:\d+$",
        description="`host:port` for `/metrics`, not for the outside; none by default",
    )
    client_head_seconds: float = Field(default=15, gt=0, description="Longest time that the head of a request may take")
    client_idle_seconds: float = Field(default=75, gt=0, description="Longest silence inside the body of a request")
    max_body_bytes: int = Field(default=64 * 1024**3, ge=0, description="Of any request")

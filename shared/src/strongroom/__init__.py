"""Verifies Strongroom's access tokens offline, calls services that take them, and holds what its services share.

The modules at this level need only PyJWT and an HTTP client; `strongroom.web` is for FastAPI services
(`strongroom[web]`) and `strongroom.database` for those that keep rows in PostgreSQL (`strongroom[database]`).
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from strongroom.client_credentials import ClientCredentials
    from strongroom.principal import Principal
    from strongroom.service_client import ServiceClient
    from strongroom.tokens import TokenVerifier

__all__ = ["ClientCredentials", "Principal", "ServiceClient", "TokenVerifier"]

_HOMES = {
    "ClientCredentials": "strongroom.client_credentials",
    "Principal": "strongroom.principal",
    "ServiceClient": "strongroom.service_client",
    "TokenVerifier": "strongroom.tokens",
}


def __getattr__(name: str) -> object:
    """Imported when it is asked for (PEP 562): the command line is not to wait for the cryptography of verifiers."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)

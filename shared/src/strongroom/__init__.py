"""Verifies Strongroom's access tokens offline, calls services that take them, and holds what its services share.

The modules at this level need only PyJWT and an HTTP client; `strongroom.web` is for FastAPI services
(`strongroom[web]`) and `strongroom.database` for those that keep rows in PostgreSQL (`strongroom[database]`).
"""

from strongroom.client_credentials import ClientCredentials
from strongroom.principal import Principal
from strongroom.service_client import ServiceClient
from strongroom.tokens import TokenVerifier

__all__ = ["ClientCredentials", "Principal", "ServiceClient", "TokenVerifier"]

"""Verifies Strongroom's access tokens offline, and holds what its services share.

The modules at this level need only PyJWT and an HTTP client; `strongroom.web` is for FastAPI services
(`strongroom[web]`) and `strongroom.database` for those that keep rows in PostgreSQL (`strongroom[database]`).
"""

from strongroom.principal import Principal
from strongroom.tokens import TokenVerifier

__all__ = ["Principal", "TokenVerifier"]

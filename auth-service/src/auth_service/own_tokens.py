"""Tokens that the auth service calls other services with: it issues them itself."""

from uuid import UUID

from auth_service.oauth.access_tokens import AccessTokens

# Whom they speak for: this service. Always the same, and the id of nobody else.
AUTH_SERVICE = UUID("018f0000-0000-7000-8000-000000000001")


class OwnTokens:
    """A `TokenSource`. Each call has a token of its own, which takes a millisecond and is never in vain."""

    def __init__(self, access_tokens: AccessTokens, scope: str) -> None:
        self._access_tokens = access_tokens
        self._scope = scope

    async def token(self) -> str:
        return self._access_tokens.issue(str(AUTH_SERVICE), client_id=str(AUTH_SERVICE), scope=self._scope)

    def discard(self, token: str) -> None:
        """None is kept."""

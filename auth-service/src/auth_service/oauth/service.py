"""Decides grants at the token endpoint (RFC 6749 §4.3, §6)."""

from dataclasses import dataclass

from auth_service.accounts.service import Accounts
from auth_service.oauth import scopes
from auth_service.oauth.access_tokens import AccessTokens
from auth_service.oauth.errors import InvalidGrant
from auth_service.sessions.service import Device, OpenSession, Sessions

# The client that a request without client authentication belongs to: Strongroom's own, public one.
FIRST_PARTY = "strongroom"


@dataclass(frozen=True, slots=True)
class Grant:
    """`expires_in` is in seconds."""

    access_token: str
    expires_in: int
    refresh_token: str
    scope: str


class Grants:
    def __init__(self, accounts: Accounts, sessions: Sessions, access_tokens: AccessTokens) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._access_tokens = access_tokens

    async def password(self, username: str, password: str, scope: str | None, device: Device) -> Grant:
        """Raises InvalidGrant, the same for every reason, and InvalidScope."""
        account = await self._accounts.authenticate(username, password)
        if account is None:
            raise InvalidGrant("The username or the password is not right")
        granted = scopes.narrow(scopes.allowed(account.roles), scope)
        session = await self._sessions.open(
            account.id, account.roles, client_id=FIRST_PARTY, scope=granted, device=device
        )
        return self._grant(session, granted)

    async def refresh(self, refresh_token: str, scope: str | None) -> Grant:
        """Raises InvalidGrant, and InvalidScope for more than the session has (RFC 6749 §6)."""
        session = await self._sessions.refresh(refresh_token, client_id=FIRST_PARTY)
        if session is None:
            raise InvalidGrant("The refresh token is not valid")
        # A role taken away since the sign-in takes its scopes along.
        still_allowed = set(scopes.allowed(session.roles))
        granted = scopes.narrow((one for one in session.scope.split() if one in still_allowed), scope)
        return self._grant(session, granted)

    def _grant(self, session: OpenSession, scope: str) -> Grant:
        token = self._access_tokens.issue(
            str(session.account_id),
            client_id=session.client_id,
            scope=scope,
            roles=session.roles,
            session_id=str(session.id),
        )
        return Grant(token, self._access_tokens.lifetime, session.refresh_token, scope)

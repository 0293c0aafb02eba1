"""Looks into tokens and revokes them for the clients they belong to (RFC 7662, RFC 7009)."""

from datetime import datetime

from auth_service.oauth.access_tokens import AUDIENCE
from auth_service.oauth.client_authentication import Caller
from auth_service.oauth.errors import InvalidGrant
from auth_service.oauth.schemas import Introspection
from auth_service.sessions.service import Sessions
from strongroom import TokenVerifier
from strongroom.errors import InvalidToken


class Tokens:
    def __init__(self, verifier: TokenVerifier, sessions: Sessions, *, issuer: str) -> None:
        self._verifier = verifier
        self._sessions = sessions
        self._issuer = issuer

    async def introspect(self, caller: Caller, token: str) -> Introspection:
        """Any access token of this issuer, since who asks is a service that was handed it; a refresh token of its own.

        RFC 7662 §2.2: whoever may not know of a token is told that it is not active.
        """
        try:
            who = await self._verifier.verify(token)
        except InvalidToken:
            return await self._introspect_refresh_token(caller, token)
        return Introspection(
            active=True,
            scope=" ".join(sorted(who.scopes)),
            client_id=who.client_id,
            token_type="Bearer",  # noqa: S106 - RFC 6749 §7.1, not a secret
            exp=who.expires_at,
            iat=int(who.issued_at),
            sub=who.subject,
            aud=AUDIENCE,
            iss=self._issuer,
            jti=who.token_id,
            sid=who.session_id,
        )

    async def _introspect_refresh_token(self, caller: Caller, token: str) -> Introspection:
        known = await self._sessions.inspect(token)
        if known is None or known.session.client_id != caller.client_id:
            return Introspection(active=False)
        return Introspection(
            active=True,
            scope=known.session.scope,
            client_id=known.session.client_id,
            exp=_seconds(min(known.expires_at, known.session.expires_at)),
            iat=_seconds(known.session.created_at),
            sub=str(known.session.account_id),
            iss=self._issuer,
            sid=str(known.session.id),
        )

    async def revoke(self, caller: Caller, token: str) -> None:
        """A refresh token with its session, an access token by itself. Raises InvalidGrant for another client's."""
        if await self._sessions.revoke(token, client_id=caller.client_id):
            return
        if await self._sessions.inspect(token):
            raise InvalidGrant("The token was issued to another client")
        try:
            who = await self._verifier.verify(token)
        except InvalidToken:
            return  # RFC 7009 §2.2: an invalid token is as good as revoked
        if who.client_id != caller.client_id:
            raise InvalidGrant("The token was issued to another client")
        if who.token_id:
            await self._sessions.refuse_token(who.token_id)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())

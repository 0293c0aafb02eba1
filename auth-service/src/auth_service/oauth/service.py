"""Decides grants at the token endpoint (RFC 6749 §4.1, §4.3, §4.4, §6)."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from auth_service.accounts.service import Accounts
from auth_service.accounts.sign_in import SignIn
from auth_service.authorization.codes import AuthorizationCodes, Redeemed
from auth_service.mfa.errors import SecondFactorFailed
from auth_service.mfa.service import SecondFactors
from auth_service.oauth.access_tokens import AccessTokens
from auth_service.oauth.client_authentication import Caller
from auth_service.oauth.errors import (
    InvalidGrant,
    MfaRequired,
    SignInRefused,
    SignInThrottled,
    UnauthorizedClient,
)
from auth_service.oauth.person_claims import person_claims
from auth_service.oauth.scopes import narrow
from auth_service.roles.service import Roles
from auth_service.sessions.device import Device
from auth_service.sessions.service import OpenSession, Sessions
from strongroom.database.attempts import TooManyAttempts


@dataclass(frozen=True, slots=True)
class Grant:
    """`expires_in` and `refresh_expires_in` are in seconds. `device_cookie` marks the device as the account's."""

    access_token: str
    expires_in: int
    scope: str
    refresh_token: str | None = None
    refresh_expires_in: int = 0
    id_token: str | None = None
    device_cookie: str | None = None


@dataclass(frozen=True, slots=True)
class Grants:
    accounts: Accounts
    sign_in: SignIn
    second_factors: SecondFactors
    roles: Roles
    sessions: Sessions
    codes: AuthorizationCodes
    access_tokens: AccessTokens

    async def password(self, caller: Caller, username: str, password: str, scope: str | None, device: Device) -> Grant:
        """Raises SignInRefused, the same for every reason, InvalidScope, and MfaRequired."""
        try:
            signed_in = await self.sign_in.authenticate(username, password, device)
        except TooManyAttempts as error:
            raise SignInThrottled(error) from error
        if signed_in is None:
            raise SignInRefused
        account = signed_in.account
        granted = narrow(await self._allowed(caller, account.roles), scope)
        methods = await self.second_factors.needed(account.id)
        if methods:
            data = {"client_id": caller.client_id, "scope": granted}
            raise MfaRequired(await self.second_factors.challenge(account.id, data), methods)
        opened = await self._open(caller, account.id, account.password_hash, granted, device)
        return replace(opened, device_cookie=signed_in.device_cookie)

    async def second_factor(
        self, caller: Caller, mfa_token: str, code: str | None, passkey: dict[str, Any] | None, device: Device
    ) -> Grant:
        """The rest of a sign-in that was answered `mfa_required`. Raises InvalidGrant, SignInThrottled."""
        try:
            redeemed = await self.second_factors.redeem(mfa_token, code=code, passkey=passkey)
        except SecondFactorFailed as error:
            raise InvalidGrant("The second factor is not right") from error
        except TooManyAttempts as error:
            raise SignInThrottled(error) from error
        if redeemed.data["client_id"] != caller.client_id:
            raise InvalidGrant("The mfa_token was given to another client")
        return await self._open(caller, redeemed.account_id, redeemed.password_hash, redeemed.data["scope"], device)

    async def passkey(
        self, caller: Caller, passkey_token: str, credential: dict[str, Any], scope: str | None, device: Device
    ) -> Grant:
        """A passkey alone: it proves possession and, since it verified its user, who holds it."""
        try:
            owner = await self.second_factors.sign_in_with_passkey(passkey_token, credential)
        except SecondFactorFailed as error:
            raise InvalidGrant("The passkey is not right") from error
        account = await self.accounts.current(owner.account_id)
        granted = narrow(await self._allowed(caller, account.roles), scope)
        return await self._open(caller, owner.account_id, owner.password_hash, granted, device)

    async def refresh(self, caller: Caller, refresh_token: str, scope: str | None) -> Grant:
        """Raises InvalidGrant, and InvalidScope for more than the session has (RFC 6749 §6); then it is not used up."""
        if scope is not None and (known := await self.sessions.inspect(refresh_token)):
            narrow(known.session.scope.split(), scope)
        session = await self.sessions.refresh(refresh_token, client_id=caller.client_id)
        if session is None:
            raise InvalidGrant("The refresh token is not valid")
        # A role taken away since the sign-in takes its scopes along.
        still = self._still(session.scope, await self.roles.scopes_of(session.roles))
        return self._grant(session, narrow(still.split(), scope))

    async def client_credentials(self, caller: Caller, scope: str | None) -> Grant:
        """For the program itself: no session, no refresh token (RFC 6749 §4.4.3). Raises UnauthorizedClient."""
        if caller.client is None or not caller.confidential:
            raise UnauthorizedClient
        granted = narrow(caller.client.scopes or (), scope)
        token = self.access_tokens.issue(caller.client_id, client_id=caller.client_id, scope=granted)
        return Grant(token, self.access_tokens.lifetime, granted)

    async def authorization_code(
        self, caller: Caller, code: str, redirect_uri: str | None, code_verifier: str, device: Device
    ) -> Grant:
        """RFC 6749 §4.1.3 with PKCE (RFC 7636). Raises InvalidGrant."""
        if caller.client is None:
            raise UnauthorizedClient
        redeemed = await self.codes.redeem(
            code, client=caller.client, redirect_uri=redirect_uri, code_verifier=code_verifier, device=device
        )
        if redeemed is None:
            raise InvalidGrant("The authorization code is not valid")
        session = redeemed.session
        # A role taken away since the consent takes its scopes along.
        scope = self._still(session.scope, await self.roles.scopes_of(session.roles))
        return self._grant(session, scope, id_token=await self._id_token(redeemed, scope))

    async def _id_token(self, redeemed: Redeemed, scope: str) -> str | None:
        if "openid" not in scope.split():
            return None
        session = redeemed.session
        claims = person_claims(await self.accounts.current(session.account_id), scope)
        claims |= {"auth_time": int(redeemed.authenticated_at.timestamp()), "sid": str(session.id)}
        if redeemed.nonce is not None:
            claims["nonce"] = redeemed.nonce
        return self.access_tokens.issue_id_token(session.client_id, claims)

    async def _allowed(self, caller: Caller, roles: tuple[str, ...]) -> tuple[str, ...]:
        """What a person may grant to the client: what their roles allow, and of that what the client is for."""
        allowed = await self.roles.scopes_of(roles)
        if caller.client is None or caller.client.scopes is None:
            return allowed
        return tuple(one for one in allowed if one in caller.client.scopes)

    def _still(self, scope: str, allowed: tuple[str, ...]) -> str:
        return " ".join(one for one in scope.split() if one in allowed)

    async def _open(self, caller: Caller, account_id: UUID, password_hash: str, scope: str, device: Device) -> Grant:
        """For who was proved while the account had that password. Raises SignInRefused if it is another by now."""
        registered = caller.client.id if caller.client else None
        session = await self.sessions.open(
            account_id, password_hash, client_id=caller.client_id, registered=registered, scope=scope, device=device
        )
        if session is None:
            raise SignInRefused
        # A role that was taken away while the password was checked takes its scopes along.
        return self._grant(session, self._still(scope, await self.roles.scopes_of(session.roles)))

    def _grant(self, session: OpenSession, scope: str, *, id_token: str | None = None) -> Grant:
        token = self.access_tokens.issue(
            str(session.account_id),
            client_id=session.client_id,
            scope=scope,
            roles=session.roles,
            session_id=str(session.id),
            at=session.at.timestamp(),
        )
        goes_on = session.refresh_expires_at - session.at
        return Grant(
            access_token=token,
            expires_in=self.access_tokens.lifetime,
            scope=scope,
            refresh_token=session.refresh_token,
            refresh_expires_in=int(goes_on.total_seconds()),
            id_token=id_token,
        )

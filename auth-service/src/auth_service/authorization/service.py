"""Decides what happens next at the authorization endpoint: sign in, consent, or back to the app."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from auth_service.accounts.repository import Account
from auth_service.accounts.service import Accounts
from auth_service.audit import repository as audit
from auth_service.authorization import repository
from auth_service.authorization.codes import AuthorizationCodes
from auth_service.authorization.errors import RequestRefused
from auth_service.authorization.request import AuthorizationRequest
from auth_service.authorization.return_address import ReturnAddress
from auth_service.clients.service import Clients
from auth_service.roles.service import Roles
from auth_service.sessions.browser_repository import BrowserSession
from strongroom.database import Database


@dataclass(frozen=True, slots=True)
class SignInNeeded:
    """Nobody is signed in here, or not recently enough for the app."""


@dataclass(frozen=True, slots=True)
class ConsentNeeded:
    account: Account
    scope: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Return:
    """Send the person back to the app, to this address."""

    location: str


class Authorization:
    """`issuer` is told to the app in every answer (RFC 9207)."""

    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        clients: Clients,
        roles: Roles,
        codes: AuthorizationCodes,
        *,
        issuer: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._accounts = accounts
        self._clients = clients
        self._roles = roles
        self._codes = codes
        self._issuer = issuer
        self._clock = clock

    async def proceed(
        self, request: AuthorizationRequest, browser: BrowserSession | None
    ) -> SignInNeeded | ConsentNeeded | Return:
        """Raises RequestRefused."""
        if browser is None or self._too_old(request, browser):
            if "none" in request.prompt:
                raise RequestRefused(request.back, "login_required", "Nobody is signed in")
            return SignInNeeded()
        account = await self._accounts.current(browser.account_id)
        scope = await self._grantable(request, account)
        remembered = "consent" not in request.prompt and request.back.client_is_certain
        if remembered and await self._has_consented(account.id, request.back, scope):
            return await self._issue(request, account.id, scope, browser)
        if "none" in request.prompt:
            raise RequestRefused(request.back, "consent_required", "The person has not allowed this yet")
        return ConsentNeeded(account, scope)

    async def allow(self, request: AuthorizationRequest, browser: BrowserSession) -> Return:
        """The person said yes; next time they are not asked. Raises RequestRefused."""
        account = await self._accounts.current(browser.account_id)
        scope = await self._grantable(request, account)
        client = request.back.client
        async with self._database.begin() as tx:
            await self._clients.hold_within(tx, client)
            known = await repository.consented(tx, account.id, client.id)
            await repository.put_consent(tx, account.id, client.id, sorted(known | set(scope)), self._clock())
            await audit.record(
                tx, "consent.given", account_id=account.id, client_id=client.client_id, scopes=list(scope)
            )
        return await self._issue(request, account.id, scope, browser)

    def denied(self, request: AuthorizationRequest) -> RequestRefused:
        return RequestRefused(request.back, "access_denied", "The person did not allow this")

    def _too_old(self, request: AuthorizationRequest, browser: BrowserSession) -> bool:
        if {"login", "select_account"} & request.prompt:
            return True
        age = self._clock() - browser.authenticated_at
        return request.max_age is not None and age > timedelta(seconds=request.max_age)

    async def _grantable(self, request: AuthorizationRequest, account: Account) -> tuple[str, ...]:
        """What was asked for and the person may give: an app cannot get more than its user has."""
        allowed = await self._roles.scopes_of(account.roles)
        scope = allowed if request.scope is None else tuple(one for one in request.scope if one in allowed)
        if not scope:
            raise RequestRefused(request.back, "invalid_scope", "The person may not grant any of this")
        return scope

    async def _has_consented(self, account_id: UUID, back: ReturnAddress, scope: tuple[str, ...]) -> bool:
        async with self._database.reading() as connection:
            return set(scope) <= await repository.consented(connection, account_id, back.client.id)

    async def _issue(
        self, request: AuthorizationRequest, account_id: UUID, scope: tuple[str, ...], browser: BrowserSession
    ) -> Return:
        code = await self._codes.issue(
            client=request.back.client,
            account_id=account_id,
            redirect_uri=request.back.redirect_uri,
            scope=" ".join(scope),
            nonce=request.nonce,
            code_challenge=request.code_challenge,
            browser=browser,
        )
        if code is None:
            raise RequestRefused(request.back, "login_required", "The person was signed out meanwhile")
        return Return(request.back.with_answer({"code": code}, self._issuer))

"""Puts the auth service together: the only module that knows every part."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from datetime import timedelta

import httpx2
from fastapi import FastAPI

from auth_service.accounts import routes as account_routes
from auth_service.accounts.addresses import Addresses
from auth_service.accounts.service import Accounts
from auth_service.accounts.sign_in import SignIn
from auth_service.admin import routes as admin_routes
from auth_service.audit.service import AuditTrail
from auth_service.authorization import routes as authorization_routes
from auth_service.authorization.codes import AuthorizationCodes
from auth_service.authorization.csrf import Csrf
from auth_service.authorization.rendering import render_authorization_errors
from auth_service.authorization.service import Authorization
from auth_service.authorization.sign_in import PageSignIn
from auth_service.clients import routes as client_routes
from auth_service.clients.service import Clients
from auth_service.file_purge import SCOPE as PURGE_SCOPE
from auth_service.file_purge import FilePurge
from auth_service.keys import routes as key_routes
from auth_service.keys.repository import CHANNEL as KEYS_CHANNEL
from auth_service.keys.resealing import Resealing
from auth_service.keys.rotation import KeyRotation
from auth_service.keys.sealing import MasterKey
from auth_service.keys.service import KeyRing
from auth_service.keys.tending import tending
from auth_service.mail.carriers import carrier_for
from auth_service.mail.delivery import Delivery
from auth_service.mail.outbox import Outbox
from auth_service.mfa import routes as mfa_routes
from auth_service.mfa.ceremonies import Ceremonies
from auth_service.mfa.changes import FactorChanges
from auth_service.mfa.enrolment import Enrolment
from auth_service.mfa.passkeys import Passkeys
from auth_service.mfa.service import SecondFactors
from auth_service.oauth import discovery, token_routes
from auth_service.oauth import routes as oauth_routes
from auth_service.oauth.access_tokens import AccessTokens
from auth_service.oauth.discovery import Discovery
from auth_service.oauth.errors import render_oauth_errors
from auth_service.oauth.service import Grants
from auth_service.oauth.token_service import Tokens
from auth_service.own_issuer import OwnIssuer
from auth_service.own_tokens import OwnTokens
from auth_service.pages import routes as page_routes
from auth_service.profile import routes as profile_routes
from auth_service.recovery import routes as recovery_routes
from auth_service.recovery.confirmation import EmailConfirmation
from auth_service.recovery.email_change import EmailChange
from auth_service.recovery.passwords import PasswordReset
from auth_service.recovery.requests import MailRequests
from auth_service.revocations import routes as revocation_routes
from auth_service.revocations.repository import CHANNEL as REVOCATIONS_CHANNEL
from auth_service.revocations.service import Revocations
from auth_service.roles import routes as role_routes
from auth_service.roles.service import Roles
from auth_service.sessions import routes as session_routes
from auth_service.sessions.browser import BrowserSessions
from auth_service.sessions.cookies import Cookies
from auth_service.sessions.service import Sessions
from auth_service.settings import AuthSettings
from strongroom import ServiceClient, TokenVerifier
from strongroom.database import Database
from strongroom.database.attempts import Attempts
from strongroom.database.job_list import JobList
from strongroom.database.job_worker import Worker
from strongroom.database.jobs import JobQueue
from strongroom.database.metrics import JobMetrics, PoolMetrics
from strongroom.database.notifications import Notifications
from strongroom.passwords import Passwords
from strongroom.web import metrics as metrics_page
from strongroom.web.app import build_app
from strongroom.web.health import Readiness
from strongroom.web.housekeeping import housekeeping
from strongroom.web.metrics import Metrics
from strongroom.web.parts import provide
from strongroom.web.public_address import PublicAddress
from strongroom.web.token_metrics import TokenMetrics

_LARGEST_BODY = 64 * 1024
_SCHEMA = "auth"


def create_app(settings: AuthSettings) -> FastAPI:
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with _parts(settings, metrics) as parts:
            provide(app, *parts)
            yield

    app = build_app(
        "Strongroom auth service",
        lifespan=lifespan,
        routers=[
            account_routes.router,
            profile_routes.router,
            recovery_routes.router,
            session_routes.router,
            mfa_routes.router,
            oauth_routes.router,
            token_routes.router,
            authorization_routes.router,
            page_routes.router,
            client_routes.router,
            role_routes.router,
            key_routes.router,
            revocation_routes.router,
            discovery.router,
            admin_routes.router,
            metrics_page.router,
        ],
        body_limit=_LARGEST_BODY,
        watching=metrics.traffic,
    )
    render_oauth_errors(app)
    render_authorization_errors(app, settings.public_url)
    return app


@asynccontextmanager
async def _parts(settings: AuthSettings, metrics: Metrics) -> AsyncIterator[tuple[object, ...]]:
    database = Database(settings.database_url.get_secret_value())
    master_key = open_master_key(settings)
    token_lifetime = timedelta(seconds=settings.access_token_seconds)
    passwords = Passwords(rounds=settings.bcrypt_rounds)
    keys = KeyRing(database, master_key)
    rotation = KeyRotation(
        database, keys, period=timedelta(days=settings.key_rotation_days), token_lifetime=token_lifetime
    )
    attempts = Attempts(database, _SCHEMA, master_key.derive("attempts"))
    roles = Roles(database)
    sessions = Sessions(
        database,
        master_key.derive("refresh-token-successor"),
        idle=timedelta(days=settings.refresh_idle_days),
        lifetime=timedelta(days=settings.session_days),
        token_lifetime=token_lifetime,
    )
    browsers = BrowserSessions(database)
    jobs = JobQueue(database, _SCHEMA)
    outbox = Outbox(jobs, master_key)
    addresses = Addresses(outbox, settings.public_url)
    accounts = Accounts(database, passwords, sessions, roles, attempts, addresses, jobs)
    mail_requests = MailRequests(database, jobs, attempts)
    confirmation = EmailConfirmation(database, addresses, outbox, mail_requests)
    sign_in = SignIn(database, passwords, attempts, sessions, master_key.derive("device-cookie"))
    factor_changes = FactorChanges(outbox)
    passkeys = Passkeys(database, Ceremonies(settings.public_url), factor_changes)
    second_factors = SecondFactors(database, master_key, attempts, passkeys, factor_changes)
    password_reset = PasswordReset(database, accounts, addresses, outbox, mail_requests, second_factors)
    clients = Clients(database, sessions)
    codes = AuthorizationCodes(database, sessions)
    access_tokens = AccessTokens(keys, issuer=settings.public_url, lifetime=settings.access_token_seconds)
    notifications = Notifications(settings.database_url.get_secret_value(), REVOCATIONS_CHANNEL, KEYS_CHANNEL)
    revocations = Revocations(database, notifications)
    smtp_url = settings.smtp_url.get_secret_value() if settings.smtp_url else None
    delivery = Delivery(outbox, carrier_for(smtp_url, settings.mail_dir), settings.mail_from)
    files = _file_service(settings.files_url, access_tokens)
    purge = FilePurge(database, files)
    handlers = [part.handlers() for part in (delivery, confirmation, password_reset, purge)]
    done = {name: handler for part in handlers for name, handler in part.items()}
    worker = Worker(settings.database_url.get_secret_value(), _SCHEMA, done)
    verifier = TokenVerifier(settings.public_url, http=httpx2.AsyncClient(transport=OwnIssuer(keys, revocations)))
    queued = JobMetrics(JobList(database, _SCHEMA), named=done)
    metrics.add(PoolMetrics(database), TokenMetrics(verifier), queued)
    metrics.before(queued.look)
    try:
        await keys.load()
        if settings.admin_email and settings.admin_password:
            await accounts.ensure_admin(settings.admin_email, settings.admin_password.get_secret_value())
        chores = [
            revocations.prune,
            sessions.prune,
            browsers.prune,
            codes.prune,
            attempts.prune,
            second_factors.prune,
            jobs.prune,
        ]
        tended = tending(rotation, notifications, every=settings.key_reload_seconds)
        tidied = housekeeping(chores, after=settings.upkeep_after_seconds)
        async with notifications, verifier, tended, files or nullcontext(), worker, tidied:
            yield (
                accounts,
                roles,
                sessions,
                browsers,
                second_factors,
                passkeys,
                Enrolment(database, master_key, attempts, factor_changes),
                clients,
                confirmation,
                password_reset,
                EmailChange(database, accounts, addresses, outbox, attempts),
                purge,
                Cookies(PublicAddress(settings.public_url)),
                Csrf(master_key.derive("csrf")),
                Authorization(database, accounts, clients, roles, codes, issuer=settings.public_url),
                PageSignIn(sign_in, second_factors, browsers),
                Grants(accounts, sign_in, second_factors, roles, sessions, codes, access_tokens),
                Tokens(verifier, sessions, issuer=settings.public_url),
                AuditTrail(database),
                keys,
                rotation,
                Discovery(settings.public_url, roles),
                revocations,
                verifier,
                metrics,
                Readiness({"database": database.ping}, notes={"revocations": lambda: verifier.feed.state}),
            )
    finally:
        passwords.close()
        await revocations.aclose()
        await database.aclose()


def _file_service(url: str | None, access_tokens: AccessTokens) -> ServiceClient | None:
    """Calls once: what calls are jobs, which are tried again with longer pauses than a call could make."""
    return ServiceClient(url, OwnTokens(access_tokens, PURGE_SCOPE), attempts=1) if url is not None else None


def open_master_key(settings: AuthSettings) -> MasterKey:
    previous = settings.previous_master_key
    old = MasterKey(previous.get_secret_value()) if previous else None
    return MasterKey(settings.master_key.get_secret_value(), old)


async def reseal(settings: AuthSettings) -> int:
    """Re-encrypts everything sealed under the current master key; how many secrets there are. May be repeated."""
    database = Database(settings.database_url.get_secret_value())
    try:
        master_key = open_master_key(settings)
        mails = Outbox(JobQueue(database, _SCHEMA), master_key)
        return await Resealing(database, master_key).run() + await mails.reseal()
    finally:
        await database.aclose()

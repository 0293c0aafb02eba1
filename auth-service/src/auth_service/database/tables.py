"""The auth service's tables as SQLAlchemy sees them. `migrations/` makes them; nothing calls `create_all`."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = MetaData(schema="auth")

_moment = DateTime(timezone=True)

accounts = Table(
    "accounts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("email", Text, nullable=False),
    Column("email_key", Text, nullable=False, unique=True),  # case folded: one account however it is typed
    Column("name", Text),
    Column("password_hash", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("email_verified", Boolean, nullable=False),
    Column("disabled_at", _moment),
    Column("created_at", _moment, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", ForeignKey("auth.accounts.id", ondelete="CASCADE"), nullable=False),
    Column("client_id", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("address", Text),
    Column("user_agent", Text),
    Column("created_at", _moment, nullable=False),
    Column("last_used_at", _moment, nullable=False),
    Column("expires_at", _moment, nullable=False),
    Column("ended_at", _moment),
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("digest", LargeBinary, primary_key=True),  # SHA-256; the token itself is never stored
    Column("session_id", ForeignKey("auth.sessions.id", ondelete="CASCADE"), nullable=False),
    Column("expires_at", _moment, nullable=False),
    Column("spent_at", _moment),
)

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("kid", Text, primary_key=True),
    Column("state", Text, nullable=False),  # next, active, retired
    Column("public_jwk", JSONB, nullable=False),
    Column("sealed_private_key", LargeBinary, nullable=False),
    Column("created_at", _moment, nullable=False),
    Column("activate_at", _moment),  # a rotation was asked for, and happens as soon as the key may sign
    Column("activated_at", _moment),
    Column("retired_at", _moment),
)

# What verifiers must refuse although it has not expired. A trigger gives `number` at the commit, in their order.
revocations = Table(
    "revocations",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("number", BigInteger),
    Column("kind", Text, nullable=False),  # session, subject, token
    Column("revoked", Text, nullable=False),  # the sid, sub or jti
    Column("revoked_at", _moment, nullable=False),
    Column("expires_at", _moment, nullable=False),  # no token it could concern is valid after that
)

# Append-only: a trigger refuses to change or delete what is there.
audit_events = Table(
    "audit_events",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("happened_at", _moment, nullable=False),
    Column("event", Text, nullable=False),
    Column("account_id", Uuid),  # whom it concerns; no foreign key, since the account may go
    Column("actor_id", Uuid),  # who did it, where that is somebody else
    Column("client_id", Text),
    Column("address", Text),
    Column("request_id", Text),
    Column("details", JSONB, nullable=False),
)

roles = Table(
    "roles",
    metadata,
    Column("name", Text, primary_key=True),
    Column("scopes", ARRAY(Text), nullable=False),
)

# Apps and service accounts. Without a secret it is a public client (RFC 6749 section 2.1).
clients = Table(
    "clients",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("secret_digest", LargeBinary),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("redirect_uris", ARRAY(Text), nullable=False),
    Column("created_at", _moment, nullable=False),
)

authorization_codes = Table(
    "authorization_codes",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("client_id", ForeignKey("auth.clients.id", ondelete="CASCADE"), nullable=False),
    Column("account_id", ForeignKey("auth.accounts.id", ondelete="CASCADE"), nullable=False),
    Column("redirect_uri", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("nonce", Text),
    Column("code_challenge", Text, nullable=False),
    Column("authenticated_at", _moment, nullable=False),
    Column("expires_at", _moment, nullable=False),
    Column("session_id", Uuid),  # set when it is redeemed: a second use ends that session
)

# Who is signed in at the authorization endpoint's pages. Not a session of any client.
browser_sessions = Table(
    "browser_sessions",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("account_id", ForeignKey("auth.accounts.id", ondelete="CASCADE"), nullable=False),
    Column("authenticated_at", _moment, nullable=False),
    Column("expires_at", _moment, nullable=False),
)

consents = Table(
    "consents",
    metadata,
    Column("account_id", ForeignKey("auth.accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("client_id", ForeignKey("auth.clients.id", ondelete="CASCADE"), primary_key=True),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("given_at", _moment, nullable=False),
)


# Links in mails and tokens between two steps of a sign-in: single use, short-lived, stored hashed.
one_time_tokens = Table(
    "one_time_tokens",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("purpose", Text, nullable=False),  # verify-email, reset-password, change-email, mfa, passkey
    Column("account_id", ForeignKey("auth.accounts.id", ondelete="CASCADE")),
    Column("data", JSONB, nullable=False),
    Column("created_at", _moment, nullable=False),
    Column("expires_at", _moment, nullable=False),
)

totp_secrets = Table(
    "totp_secrets",
    metadata,
    Column("account_id", ForeignKey("auth.accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("sealed_secret", LargeBinary, nullable=False),
    Column("confirmed_at", _moment),
    Column("last_step", BigInteger, nullable=False),  # the newest time step that was used: none is good twice
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("account_id", ForeignKey("auth.accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
)

passkeys = Table(
    "passkeys",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", ForeignKey("auth.accounts.id", ondelete="CASCADE"), nullable=False),
    Column("credential_id", LargeBinary, nullable=False, unique=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", _moment, nullable=False),
    Column("last_used_at", _moment),
)

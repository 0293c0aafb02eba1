"""The auth service's tables as SQLAlchemy sees them. `migrations/` makes them; nothing calls `create_all`."""

from sqlalchemy import ARRAY, Boolean, Column, DateTime, ForeignKey, LargeBinary, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

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
)

"""Accounts, sessions with their refresh tokens, signing keys."""

from alembic import op

revision = "0001"
down_revision = None

_STATEMENTS = (
    """
    create table auth.accounts (
        id uuid constraint pk_accounts primary key,
        email text not null,
        email_key text not null constraint uq_accounts_email_key unique,
        name text,
        password_hash text not null,
        roles text[] not null,
        email_verified boolean not null,
        disabled_at timestamptz,
        created_at timestamptz not null
    )
    """,
    """
    create index ix_accounts_admins on auth.accounts (id) where 'admin' = any (roles)
    """,
    """
    create table auth.sessions (
        id uuid constraint pk_sessions primary key,
        account_id uuid not null constraint fk_sessions_account references auth.accounts on delete cascade,
        client_id text not null,
        scope text not null,
        address text,
        user_agent text,
        created_at timestamptz not null,
        last_used_at timestamptz not null,
        expires_at timestamptz not null,
        ended_at timestamptz
    )
    """,
    "create index ix_sessions_account on auth.sessions (account_id, id)",
    """
    create table auth.refresh_tokens (
        digest bytea constraint pk_refresh_tokens primary key,
        session_id uuid not null constraint fk_refresh_tokens_session references auth.sessions on delete cascade,
        expires_at timestamptz not null,
        spent_at timestamptz
    )
    """,
    "create index ix_refresh_tokens_session on auth.refresh_tokens (session_id)",
    """
    create table auth.signing_keys (
        kid text constraint pk_signing_keys primary key,
        state text not null constraint ck_signing_keys_state check (state in ('next', 'active', 'retired')),
        public_jwk jsonb not null,
        sealed_private_key bytea not null,
        created_at timestamptz not null
    )
    """,
    "create unique index uq_signing_keys_active on auth.signing_keys (state) where state = 'active'",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)

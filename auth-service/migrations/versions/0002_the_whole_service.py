"""Revocations, audit, roles, clients, authorization codes, throttling, one-time tokens, second factors."""

from alembic import op

revision = "0002"
down_revision = "0001"

_STATEMENTS = (
    """
    alter table auth.signing_keys
        add column activate_at timestamptz,
        add column activated_at timestamptz,
        add column retired_at timestamptz
    """,
    "create unique index uq_signing_keys_next on auth.signing_keys (state) where state = 'next'",
    "update auth.signing_keys set activated_at = created_at where state = 'active'",
    """
    create table auth.revocations (
        id bigint generated always as identity constraint pk_revocations primary key,
        number bigint constraint uq_revocations_number unique,
        kind text not null constraint ck_revocations_kind check (kind in ('session', 'subject', 'token')),
        revoked text not null,
        revoked_at timestamptz not null,
        expires_at timestamptz not null
    )
    """,
    "create index ix_revocations_expiry on auth.revocations (expires_at)",
    "create sequence auth.revocation_numbers",
    # Numbers are given while the transaction commits, by one at a time: so they are in the order of the commits, and
    # whoever has seen one has seen all before it. Only then, since nothing is locked after it that could deadlock.
    """
    create function auth.number_revocation() returns trigger language plpgsql as $$
    begin
        perform pg_advisory_xact_lock(hashtext('auth.revocations'));
        update auth.revocations set number = nextval('auth.revocation_numbers') where id = new.id;
        return null;
    end $$
    """,
    """
    create constraint trigger number_revocation after insert on auth.revocations
    deferrable initially deferred for each row execute function auth.number_revocation()
    """,
    """
    create table auth.audit_events (
        id uuid constraint pk_audit_events primary key,
        happened_at timestamptz not null,
        event text not null,
        account_id uuid,
        actor_id uuid,
        client_id text,
        address text,
        request_id text,
        details jsonb not null
    )
    """,
    "create index ix_audit_events_account on auth.audit_events (account_id, id)",
    "create index ix_audit_events_actor on auth.audit_events (actor_id, id)",
    "create index ix_audit_events_event on auth.audit_events (event, id)",
    """
    create function auth.refuse_change() returns trigger language plpgsql as $$
    begin
        raise exception 'audit_events is append-only';
    end $$
    """,
    """
    create trigger tr_audit_events_append_only before update or delete or truncate on auth.audit_events
        for each statement execute function auth.refuse_change()
    """,
    """
    create table auth.roles (
        name text constraint pk_roles primary key,
        scopes text[] not null
    )
    """,
    """
    insert into auth.roles (name, scopes) values
        ('user', '{openid,profile,email,account,files:read,files:write}'),
        ('admin', '{admin}')
    """,
    """
    create table auth.clients (
        id uuid constraint pk_clients primary key,
        name text not null,
        secret_digest bytea,
        scopes text[] not null,
        redirect_uris text[] not null,
        created_at timestamptz not null
    )
    """,
    "create index ix_accounts_email_prefix on auth.accounts (email_key text_pattern_ops)",
    "create index ix_accounts_roles on auth.accounts using gin (roles)",
    "create index ix_sessions_client on auth.sessions (client_id)",
    "create index ix_sessions_address on auth.sessions (account_id, address)",
    """
    create table auth.authorization_codes (
        digest bytea constraint pk_authorization_codes primary key,
        client_id uuid not null constraint fk_authorization_codes_client references auth.clients on delete cascade,
        account_id uuid not null constraint fk_authorization_codes_account references auth.accounts on delete cascade,
        redirect_uri text not null,
        scope text not null,
        nonce text,
        code_challenge text not null,
        authenticated_at timestamptz not null,
        expires_at timestamptz not null,
        session_id uuid
    )
    """,
    "create index ix_authorization_codes_expiry on auth.authorization_codes (expires_at)",
    "create index ix_authorization_codes_account on auth.authorization_codes (account_id)",
    "create index ix_authorization_codes_client on auth.authorization_codes (client_id)",
    """
    create table auth.browser_sessions (
        digest bytea constraint pk_browser_sessions primary key,
        account_id uuid not null constraint fk_browser_sessions_account references auth.accounts on delete cascade,
        authenticated_at timestamptz not null,
        expires_at timestamptz not null
    )
    """,
    "create index ix_browser_sessions_account on auth.browser_sessions (account_id)",
    "create index ix_browser_sessions_expiry on auth.browser_sessions (expires_at)",
    """
    create table auth.consents (
        account_id uuid not null constraint fk_consents_account references auth.accounts on delete cascade,
        client_id uuid not null constraint fk_consents_client references auth.clients on delete cascade,
        scopes text[] not null,
        given_at timestamptz not null,
        constraint pk_consents primary key (account_id, client_id)
    )
    """,
    "create index ix_consents_client on auth.consents (client_id)",
    """
    create table auth.attempts (
        bucket bytea constraint pk_attempts primary key,
        failures integer not null,
        last_at timestamptz not null,
        blocked_until timestamptz not null
    )
    """,
    "create index ix_attempts_age on auth.attempts (last_at)",
    """
    create table auth.one_time_tokens (
        digest bytea constraint pk_one_time_tokens primary key,
        purpose text not null,
        account_id uuid constraint fk_one_time_tokens_account references auth.accounts on delete cascade,
        data jsonb not null,
        created_at timestamptz not null,
        expires_at timestamptz not null
    )
    """,
    "create index ix_one_time_tokens_account on auth.one_time_tokens (account_id, purpose)",
    "create index ix_one_time_tokens_expiry on auth.one_time_tokens (expires_at)",
    """
    create table auth.totp_secrets (
        account_id uuid constraint pk_totp_secrets primary key
            constraint fk_totp_secrets_account references auth.accounts on delete cascade,
        sealed_secret bytea not null,
        confirmed_at timestamptz,
        last_step bigint not null
    )
    """,
    """
    create table auth.recovery_codes (
        account_id uuid not null constraint fk_recovery_codes_account references auth.accounts on delete cascade,
        digest bytea not null,
        constraint pk_recovery_codes primary key (account_id, digest)
    )
    """,
    """
    create table auth.passkeys (
        id uuid constraint pk_passkeys primary key,
        account_id uuid not null constraint fk_passkeys_account references auth.accounts on delete cascade,
        credential_id bytea not null constraint uq_passkeys_credential unique,
        public_key bytea not null,
        sign_count bigint not null,
        name text not null,
        created_at timestamptz not null,
        last_used_at timestamptz
    )
    """,
    "create index ix_passkeys_account on auth.passkeys (account_id)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)

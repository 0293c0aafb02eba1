"""Owners with their quotas, search, checksums of versions, share links, shares, throttling."""

from alembic import op

revision = "0002"
down_revision = "0001"

# Every column has a default, since the release before writes rows without them; the recount charges and names those.
_STATEMENTS = (
    # Both are trusted: whoever may create in the database may create them.
    "create extension if not exists btree_gin with schema public",
    "create extension if not exists pg_trgm with schema public",
    # Whoever changes an owner's tree locks the owner's row first, so changes to one tree are one after the other.
    """
    create table files.owners (
        owner_id uuid constraint pk_owners primary key,
        bytes bigint not null default 0,
        file_count bigint not null default 0,
        quota bigint constraint ck_owners_quota check (quota >= 0),
        constraint ck_owners_usage check (bytes >= 0 and file_count >= 0)
    )
    """,
    """
    insert into files.owners (owner_id, bytes, file_count)
    select f.owner_id, sum(v.size), count(distinct f.id)
    from files.files f join files.file_versions v on v.file_id = f.id group by f.owner_id
    """,
    """
    alter table files.files
        add column declared_type text,
        add column name_key text collate "C" not null default '',
        add column words tsvector not null default ''
    """,
    """
    update files.files set
        name_key = lower(regexp_replace(path, '^.*/', '')),
        words = to_tsvector('simple', regexp_replace(lower(regexp_replace(path, '^.*/', '')), '[[:punct:]]', ' ', 'g'))
    """,
    """
    alter table files.file_versions
        add column declared_type text,
        add column crc32 bigint,
        add column verified_at timestamptz not null default now(),
        add column damaged_at timestamptz
    """,
    # A version that is restored shares its bytes with the one that it is restored from.
    "alter table files.file_versions drop constraint uq_file_versions_object",
    "create index ix_file_versions_object on files.file_versions (object_key)",
    "create index ix_file_versions_verified on files.file_versions (verified_at)",
    "create index ix_file_versions_damaged on files.file_versions (damaged_at) where damaged_at is not null",
    # One for each order that a list can have.
    "create index ix_files_name on files.files (owner_id, name_key, id) where trashed_at is null",
    "create index ix_files_size on files.files (owner_id, size, id) where trashed_at is null",
    "create index ix_files_updated on files.files (owner_id, updated_at, id) where trashed_at is null",
    """
    create index ix_files_type on files.files (owner_id, lower(content_type collate "C"), id) where trashed_at is null
    """,
    "create index ix_files_trash on files.files (owner_id, trashed_at, id) where trashed_at is not null",
    "create index ix_files_trashed on files.files (trashed_at) where trashed_at is not null",
    "create index ix_files_words on files.files using gin (owner_id, words) where trashed_at is null",
    """
    create index ix_files_substrings on files.files
        using gin (owner_id, name_key public.gin_trgm_ops) where trashed_at is null
    """,
    # What the recount looks for. Most of the time it is empty.
    "create index ix_files_unnamed on files.files (owner_id) where name_key = ''",
    "create index ix_files_tags on files.files using gin (owner_id, tags) where trashed_at is null",
    """
    create table files.links (
        id uuid constraint pk_links primary key,
        owner_id uuid not null,
        file_id uuid constraint fk_links_file references files.files on delete cascade,
        folder text collate "C",
        token_digest bytea not null constraint uq_links_token unique,
        password_hash text,
        expires_at timestamptz,
        max_downloads integer constraint ck_links_max_downloads check (max_downloads > 0),
        downloads integer not null default 0,
        created_at timestamptz not null,
        constraint ck_links_target check ((file_id is null) <> (folder is null))
    )
    """,
    "create index ix_links_owner on files.links (owner_id, id)",
    "create index ix_links_file on files.links (file_id)",
    "create index ix_links_expiry on files.links (expires_at) where expires_at is not null",
    """
    create table files.shares (
        id uuid constraint pk_shares primary key,
        file_id uuid not null constraint fk_shares_file references files.files on delete cascade,
        owner_id uuid not null,
        grantee_id uuid not null,
        may_write boolean not null,
        created_at timestamptz not null,
        constraint uq_shares_grantee unique (file_id, grantee_id)
    )
    """,
    "create index ix_shares_grantee on files.shares (grantee_id, id)",
    "create index ix_shares_owner on files.shares (owner_id)",
    """
    create table files.attempts (
        bucket bytea constraint pk_attempts primary key,
        failures integer not null,
        last_at timestamptz not null,
        blocked_until timestamptz not null
    )
    """,
    "create index ix_attempts_age on files.attempts (last_at)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)

"""Uploads over several requests."""

from alembic import op

revision = "0005"
down_revision = "0004"

_STATEMENTS = (
    """
    create table files.resumable_uploads (
        id uuid constraint pk_resumable_uploads primary key,
        owner_id uuid not null,
        path text collate "C",
        declared_type text,
        content_type text,
        metadata text,
        concat text,
        partials uuid[] not null default '{}',
        length bigint,
        received bigint not null default 0,
        crc32 bigint not null default 0,
        object_key text,
        multipart_id text,
        next_part integer not null default 1,
        tail_key text,
        tail_size bigint not null default 0,
        lease_token uuid,
        leased_until timestamptz,
        created_at timestamptz not null,
        expires_at timestamptz not null,
        finished_at timestamptz,
        spent_at timestamptz,
        file_id uuid,
        constraint ck_resumable_uploads_received check (received >= 0 and received <= coalesce(length, received)),
        constraint ck_resumable_uploads_path check (path is not null or concat = 'partial')
    )
    """,
    "create index ix_resumable_uploads_owner on files.resumable_uploads (owner_id)",
    "create index ix_resumable_uploads_expiry on files.resumable_uploads (expires_at)",
    "create index ix_resumable_uploads_object on files.resumable_uploads (object_key) where object_key is not null",
    "create index ix_resumable_uploads_tail on files.resumable_uploads (tail_key) where tail_key is not null",
    """
    create table files.resumable_parts (
        upload_id uuid not null
            constraint fk_resumable_parts_upload references files.resumable_uploads on delete cascade,
        number integer not null,
        size bigint not null,
        etag text not null,
        constraint pk_resumable_parts primary key (upload_id, number)
    )
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)

"""Files and their versions."""

from alembic import op

revision = "0001"
down_revision = None

_STATEMENTS = (
    # Paths compare by bytes, so that a folder is one stretch of the index.
    """
    create table files.files (
        id uuid constraint pk_files primary key,
        owner_id uuid not null,
        path text collate "C" not null,
        version integer not null,
        object_key text not null,
        size bigint not null,
        sha256 bytea not null,
        content_type text not null,
        tags text[] not null default '{}',
        metadata jsonb not null default '{}',
        created_at timestamptz not null,
        updated_at timestamptz not null,
        trashed_at timestamptz
    )
    """,
    "create unique index uq_files_path on files.files (owner_id, path) where trashed_at is null",
    "create index ix_files_newest on files.files (owner_id, id) where trashed_at is null",
    """
    create table files.file_versions (
        file_id uuid not null constraint fk_file_versions_file references files.files on delete cascade,
        version integer not null,
        object_key text not null constraint uq_file_versions_object unique,
        size bigint not null,
        sha256 bytea not null,
        content_type text not null,
        created_at timestamptz not null,
        constraint pk_file_versions primary key (file_id, version)
    )
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)

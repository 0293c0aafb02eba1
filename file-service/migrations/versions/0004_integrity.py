"""Objects that are missing, and how far the chores have got that go through all of them."""

from alembic import op

revision = "0004"
down_revision = "0003"

_STATEMENTS = (
    "alter table files.file_versions add column missing_at timestamptz",
    """
    create index ix_file_versions_faulty on files.file_versions (file_id, version)
        where damaged_at is not null or missing_at is not null
    """,
    # In the order of bytes, as the store lists them.
    'create index ix_file_versions_key on files.file_versions (object_key collate "C")',
    # Whether a file has more versions than are kept.
    "create index ix_files_versions on files.files (id) where version > 1",
    """
    create table files.rounds (
        chore text constraint pk_rounds primary key,
        position text not null,
        turned_at timestamptz not null,
        finished_at timestamptz
    )
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)

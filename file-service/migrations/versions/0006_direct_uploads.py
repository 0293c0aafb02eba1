"""Uploads whose bytes their client sends to the store itself."""

from alembic import op

revision = "0006"
down_revision = "0005"

# Null for tus. The release before makes only such, and its expiry clears away the others as it does its own.
_STATEMENTS = (
    """
    alter table files.resumable_uploads
        add column part_size bigint constraint ck_resumable_uploads_part_size check (part_size > 0)
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)

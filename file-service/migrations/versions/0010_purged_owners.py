"""Owners whose accounts were deleted: nothing is made for them any more."""

from alembic import op

revision = "0010"
down_revision = "0009"

# The release before does not look at it: what it still makes meanwhile is removed later (`Purging.purge_again`).
_STATEMENTS = ("alter table files.owners add column purged_at timestamptz",)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)

"""The queue of jobs."""

from alembic import op

from strongroom.database.jobs import install

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    install(op.get_bind(), "files")

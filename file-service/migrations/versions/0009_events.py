"""What has happened to an owner's files, links, shares and quota, in the order that it happened in."""

from alembic import op

revision = "0009"
down_revision = "0008"

_STATEMENTS = (
    "alter table files.owners add column last_event bigint not null default 0",
    """
    create table files.events (
        owner_id uuid not null,
        number bigint not null,
        type text not null,
        path text,
        previous_path text,
        data text not null,
        occurred_at timestamptz not null,
        constraint pk_events primary key (owner_id, number)
    )
    """,
    "create index ix_events_occurred_at on files.events (occurred_at)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)

"""Addresses that owners have told of what happens, and what was sent there, or is to be."""

from alembic import op

revision = "0011"
down_revision = "0010"

_STATEMENTS = (
    """
    create table files.webhooks (
        id uuid not null,
        owner_id uuid not null,
        url text not null,
        types text[] not null,
        prefix text not null,
        description text not null,
        secret bytea not null,
        previous_secret bytea,
        previous_until timestamptz,
        dispatched bigint not null,
        failures integer not null,
        failing_since timestamptz,
        resting_until timestamptz,
        due_at timestamptz,
        disabled_at timestamptz,
        disabled_reason text,
        created_at timestamptz not null,
        constraint pk_webhooks primary key (id)
    )
    """,
    "create index ix_webhooks_owner_id on files.webhooks (owner_id, id)",
    "create index ix_webhooks_due_at on files.webhooks (due_at) where due_at is not null",
    """
    create table files.webhook_deliveries (
        id uuid not null,
        webhook_id uuid not null,
        number bigint not null,
        type text not null,
        subject text not null,
        body text not null,
        state text not null,
        reason text,
        due_at timestamptz,
        expires_at timestamptz not null,
        turn integer not null,
        failures integer not null,
        attempts jsonb not null,
        created_at timestamptz not null,
        ended_at timestamptz,
        constraint pk_webhook_deliveries primary key (id),
        constraint fk_webhook_deliveries_webhook_id foreign key (webhook_id)
            references files.webhooks (id) on delete cascade,
        constraint ck_webhook_deliveries_state check (state in ('waiting', 'due', 'sending', 'delivered', 'failed'))
    )
    """,
    "create index ix_webhook_deliveries_webhook_id on files.webhook_deliveries (webhook_id, id)",
    # No event is dispatched twice to a webhook, and of each subject one delivery at most is on its way.
    """
    create unique index uq_webhook_deliveries_number on files.webhook_deliveries (webhook_id, number)
    where number > 0
    """,
    """
    create unique index uq_webhook_deliveries_head on files.webhook_deliveries (webhook_id, subject)
    where state in ('due', 'sending')
    """,
    """
    create index ix_webhook_deliveries_waiting on files.webhook_deliveries (webhook_id, subject, number)
    where state = 'waiting'
    """,
    "create index ix_webhook_deliveries_due on files.webhook_deliveries (webhook_id, due_at) where state = 'due'",
    "create index ix_webhook_deliveries_sending on files.webhook_deliveries (webhook_id) where state = 'sending'",
    "create index ix_webhook_deliveries_ended_at on files.webhook_deliveries (ended_at) where ended_at is not null",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)

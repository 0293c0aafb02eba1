"""How much of an owner's is derived, which no quota counts."""

from alembic import op

revision = "0008"
down_revision = "0007"

_STATEMENTS = (
    """
    create table files.derived_usage (
        owner_id uuid not null,
        bytes bigint not null,
        objects bigint not null,
        constraint pk_derived_usage primary key (owner_id)
    )
    """,
    """
    insert into files.derived_usage (owner_id, bytes, objects)
    select one.owner_id, sum(derived.size), count(*)
    from files.derived_objects derived
    join files.derivations one on one.object_key = derived.source_key and one.parser = derived.parser
    group by one.owner_id
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)

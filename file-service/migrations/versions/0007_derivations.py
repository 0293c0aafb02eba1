"""What is derived from the contents of files, and the texts that are searched."""

from alembic import op

revision = "0007"
down_revision = "0006"

_STATEMENTS = (
    """
    create table files.derivations (
        object_key text not null,
        parser text not null,
        owner_id uuid not null,
        filename text not null,
        content_type text not null,
        size bigint not null,
        options jsonb not null,
        state text not null constraint ck_derivations_state check (state in ('waiting', 'done', 'failed')),
        reason text,
        detail text,
        facts jsonb,
        created_at timestamptz not null,
        finished_at timestamptz,
        constraint pk_derivations primary key (object_key, parser)
    )
    """,
    """
    create table files.derived_objects (
        source_key text not null,
        parser text not null,
        name text not null,
        object_key text not null,
        content_type text not null,
        size bigint not null,
        constraint pk_derived_objects primary key (source_key, name),
        constraint fk_derived_objects_derivation foreign key (source_key, parser)
            references files.derivations (object_key, parser) on delete cascade
    )
    """,
    "create index ix_derived_objects_object on files.derived_objects (object_key)",
    """
    create table files.passages (
        source_key text not null,
        number integer not null,
        parser text not null,
        owner_id uuid not null,
        page integer not null,
        text text not null,
        stemmer text not null,
        words tsvector not null,
        constraint pk_passages primary key (source_key, number),
        constraint fk_passages_derivation foreign key (source_key, parser)
            references files.derivations (object_key, parser) on delete cascade
    )
    """,
    """
    create table files.searched_languages (
        owner_id uuid not null,
        stemmer text not null,
        constraint pk_searched_languages primary key (owner_id, stemmer)
    )
    """,
    "create index ix_passages_words on files.passages using gin (owner_id, words)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)

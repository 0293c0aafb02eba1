"""Brings one service's schema up to date with Alembic; safe to run from several replicas at once, and beside others."""

import asyncio
from pathlib import Path

import structlog
from alembic import command, context
from alembic.config import Config
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from strongroom.database.engine import asyncpg_url

log = structlog.get_logger()

# Who waits for a whole table has everybody else who wants it wait behind them. So a migration waits for a moment only,
# lets the others pass, and begins anew: a backup or a long list may be at it for minutes.
LOCK_TIMEOUT = "1s"
_ATTEMPTS, _PAUSE = 300, 1.0
_LOCK_NOT_AVAILABLE = "55P03"


def migrate(scripts: Path, url: str, revision: str = "head") -> None:
    """Upgrades to that revision of `scripts`, the newest if none is named. Does nothing where it is already there.

    Nor where a later release has been, whose revisions `scripts` do not have: its tables do for this one as well.
    """
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.attributes["url"] = asyncpg_url(url)
    command.upgrade(config, revision)


def run(metadata: MetaData) -> None:
    """What a service's `migrations/env.py` calls. The metadata's schema is the service's own; it is made if missing."""
    asyncio.run(_upgrade(context.config.attributes["url"], metadata))


async def _upgrade(url: str, metadata: MetaData) -> None:
    engine = create_async_engine(url, poolclass=NullPool)
    for left in reversed(range(_ATTEMPTS)):
        try:
            async with engine.connect() as connection:
                await connection.run_sync(_apply, metadata)
            break
        except DBAPIError as error:
            if not left or getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
                raise
            log.info("migration.waits", schema=metadata.schema)
            await asyncio.sleep(_PAUSE)
    await engine.dispose()


def _apply(connection: Connection, metadata: MetaData) -> None:
    schema = metadata.schema
    assert schema is not None
    context.configure(connection=connection, target_metadata=metadata, version_table_schema=schema)
    with connection.begin():
        # Held to the end of the transaction: a second replica waits here, then finds nothing left to do.
        connection.execute(text("select pg_advisory_xact_lock(hashtext(:name))"), {"name": f"migrate {schema}"})
        connection.execute(text(f'create schema if not exists "{schema}"'))
        if _is_of_a_later_release():
            log.info("migration.newer", schema=schema)
            return
        connection.execute(text(f"set local lock_timeout = '{LOCK_TIMEOUT}'"))
        with context.begin_transaction():
            context.run_migrations()


def _is_of_a_later_release() -> bool:
    known = {script.revision for script in context.script.walk_revisions()}
    return not known.issuperset(context.get_context().get_current_heads())

"""Brings one service's schema up to date with Alembic; safe to run from several replicas at once."""

import asyncio
from pathlib import Path

from alembic import command, context
from alembic.config import Config
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from strongroom.database.engine import asyncpg_url


def migrate(scripts: Path, url: str, revision: str = "head") -> None:
    """Upgrades to that revision of `scripts`, the newest if none is named. Does nothing where it is already there."""
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.attributes["url"] = asyncpg_url(url)
    command.upgrade(config, revision)


def run(metadata: MetaData) -> None:
    """What a service's `migrations/env.py` calls. The metadata's schema is the service's own; it is made if missing."""
    asyncio.run(_upgrade(context.config.attributes["url"], metadata))


async def _upgrade(url: str, metadata: MetaData) -> None:
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(_apply, metadata)
    await engine.dispose()


def _apply(connection: Connection, metadata: MetaData) -> None:
    schema = metadata.schema
    assert schema is not None
    context.configure(connection=connection, target_metadata=metadata, version_table_schema=schema)
    with connection.begin():
        # Held to the end of the transaction: a second replica waits here, then finds nothing left to do.
        connection.execute(text("select pg_advisory_xact_lock(hashtext(:name))"), {"name": f"migrate {schema}"})
        connection.execute(text(f'create schema if not exists "{schema}"'))
        with context.begin_transaction():
            context.run_migrations()

"""A connection of its own to PostgreSQL, set so that rows are written and read the same everywhere."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from strongroom.database.engine import asyncpg_url
from strongroom_backup.errors import NotStrongroom

_PATIENCE = 10  # seconds, to connect

_SETTINGS = {
    # How values look, whatever the role or the database would have.
    "client_encoding": "UTF8",
    "datestyle": "ISO",
    "intervalstyle": "postgres",
    "extra_float_digits": "3",
    "timezone": "UTC",
    "search_path": "pg_catalog",
    # A large table takes as long as it takes, and the hold lasts as long as there are objects to copy.
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "0",
    # The server notices within a minute that the machine is gone which was at it.
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Any]:
    """asyncpg's own connection. Raises NotStrongroom for whatever PostgreSQL refuses or breaks off, also later on."""
    # By way of SQLAlchemy, so that every URL means the same as it does to the services.
    arguments = {"timeout": _PATIENCE, "server_settings": _SETTINGS}
    engine = create_async_engine(asyncpg_url(url), poolclass=NullPool, connect_args=arguments)
    try:
        async with AsyncExitStack() as stack:
            try:
                connection = await stack.enter_async_context(engine.connect())
            except OSError as error:
                raise NotStrongroom(f"PostgreSQL does not answer: {error}") from error
            yield (await connection.get_raw_connection()).driver_connection
    except (asyncpg.PostgresError, asyncpg.InterfaceError, SQLAlchemyError, ConnectionError) as error:
        raise NotStrongroom(f"PostgreSQL does not do what is asked of it: {error}") from error
    finally:
        await engine.dispose()

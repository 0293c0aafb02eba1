"""Owns the pool of PostgreSQL connections and hands out transactions."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from strongroom.database.sql_spans import tell_statements
from strongroom.errors import Unavailable


class DatabaseUnavailable(Unavailable):
    """PostgreSQL does not answer, dropped the connection, or the pool gave none in time. What was begun is undone."""

    slug = "database-unavailable"
    title = "The database does not answer"


@dataclass(frozen=True, slots=True)
class PoolState:
    """`waiting` are those who have no connection yet; `timeouts` counts those who were given none in time."""

    size: int
    in_use: int
    waiting: int
    timeouts: int


# What `begin` and `reading` give. Services pass it on to repositories and never call it themselves.
Transaction = AsyncConnection


def asyncpg_url(url: str) -> str:
    """`postgres://` and `postgresql://`, as other tools write it, in the form that SQLAlchemy takes for asyncpg."""
    scheme, separator, rest = url.partition("://")
    return f"postgresql+asyncpg{separator}{rest}" if scheme in {"postgres", "postgresql"} else url


class Database:
    """`url` is `postgresql://…`. At most `pool_size` connections, each waited for at most `patience` seconds.

    `parameters` are PostgreSQL's own, set on every connection.
    """

    def __init__(
        self, url: str, *, pool_size: int = 20, patience: float = 5, parameters: Mapping[str, str] | None = None
    ) -> None:
        self._engine = create_async_engine(
            asyncpg_url(url),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=patience,
            connect_args={"timeout": patience, "command_timeout": 60, "server_settings": dict(parameters or {})},
            hide_parameters=True,  # an error tells the statement to the log, and not the password hash that was in it
        )
        tell_statements(self._engine)
        self._autocommit = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._size = pool_size
        self._inside = 0
        self._timeouts = 0

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """A transaction: a clean exit commits, an exception rolls back. Never hold it across S3, HTTP or bcrypt."""
        with self._counted(), _translated():
            async with self._engine.begin() as connection:
                yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection for single reads, without the two round trips of a transaction."""
        with self._counted(), _translated():
            async with self._autocommit.connect() as connection:
                yield connection

    async def ping(self) -> None:
        async with self.reading() as connection:
            await connection.execute(text("select 1"))

    @property
    def pool(self) -> PoolState:
        in_use = self._engine.sync_engine.pool.checkedout()  # type: ignore[attr-defined]  # of a queue, as ours is
        return PoolState(self._size, in_use, max(0, self._inside - in_use), self._timeouts)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        self._inside += 1
        try:
            yield
        except DatabaseUnavailable as error:
            self._timeouts += isinstance(error.__cause__, PoolTimeout)
            raise
        finally:
            self._inside -= 1

    async def aclose(self) -> None:
        await self._engine.dispose()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (PoolTimeout, ConnectionError, TimeoutError) as error:  # the last is asyncpg's, of a command
        raise DatabaseUnavailable from error
    except DBAPIError as error:
        if error.connection_invalidated or _is_outage(error):
            raise DatabaseUnavailable from error
        raise


def _is_outage(error: DBAPIError) -> bool:
    """What SQLAlchemy does not count as a lost connection, since there was none yet."""
    cause = error.orig.__cause__ if error.orig else None
    # Connection exceptions, insufficient resources, operator intervention (PostgreSQL, appendix A).
    state = getattr(cause, "sqlstate", None) or ""
    return isinstance(cause, (asyncpg.InterfaceError, OSError)) or state.startswith(("08", "53", "57P"))

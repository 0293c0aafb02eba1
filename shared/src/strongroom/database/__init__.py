"""What services that keep rows in PostgreSQL share: the connection pool with its two ways to use it, and migrations."""

from strongroom.database.engine import Database, DatabaseUnavailable, Transaction

__all__ = ["Database", "DatabaseUnavailable", "Transaction"]

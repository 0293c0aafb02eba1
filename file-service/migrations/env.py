"""Alembic's way into the file service's schema."""

from file_service.database.tables import metadata
from strongroom.database.migrations import run

run(metadata)

"""Alembic's way into the auth service's schema."""

from auth_service.database.tables import metadata
from strongroom.database.migrations import run

run(metadata)

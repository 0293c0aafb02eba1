"""What migrations tell PostgreSQL, as one text, without a PostgreSQL to tell it to."""

import importlib.util
import io
from collections.abc import Sequence
from pathlib import Path

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

from strongroom.database.migrations import LOCK_TIMEOUT


def sql_of(scripts: Sequence[Path]) -> str:
    """In their order, in the transaction that they run in. One that asks the database something raises."""
    written = io.StringIO()
    context = MigrationContext.configure(
        dialect_name="postgresql", opts={"as_sql": True, "output_buffer": written, "literal_binds": True}
    )
    written.write(f"set local lock_timeout = '{LOCK_TIMEOUT}';\n")
    with Operations.context(context):
        for script in scripts:
            _upgrade(script)
    return written.getvalue()


def _upgrade(script: Path) -> None:
    spec = importlib.util.spec_from_file_location(script.stem, script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.upgrade()

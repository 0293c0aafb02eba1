"""What a snapshot says of itself: of which release it is, what is in it, and the hashes of all of that."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from strongroom_backup.packed import Packed

FORMAT = 1


class TableDump(BaseModel):
    """Rows as PostgreSQL's COPY writes them (its text format), in a file named like the table."""

    model_config = ConfigDict(frozen=True)

    schema_name: str
    name: str
    columns: tuple[str, ...]
    rows: Packed

    @property
    def full_name(self) -> str:
        return f"{self.schema_name}.{self.name}"


class Manifest(BaseModel):
    """`tables` are in the order that their foreign keys want.

    `lacking` are objects that could not be had and that nobody misses: the database knew that they are damaged or
    missing, or they are derived from others, or of unfinished uploads. `copied` is how many objects this run brought.
    `master_key` tells which one opens the secrets, and not what it is. `keys` are files that lie beside, with their
    SHA-256.
    """

    model_config = ConfigDict(frozen=True)

    format: int = FORMAT
    made_at: datetime
    postgresql: str
    revisions: dict[str, str]
    tables: tuple[TableDump, ...]
    sequences: dict[str, int | None]
    objects: Packed
    object_bytes: int
    copied: int
    lacking: tuple[str, ...] = ()
    master_key: str | None = None
    keys: dict[str, str] = {}

"""Puts together what tells of the insides of files, with the processes that it needs."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from file_service.derivations import routes as derivation_routes
from file_service.derivations.readings import Readings
from file_service.derivations.renewal import Renewal
from file_service.derivations.service import Derivations
from file_service.files.history import History
from file_service.rows import csv_routes
from file_service.rows import routes as row_routes
from file_service.rows.csv_uploads import CsvUploads
from file_service.rows.heads import Heads
from file_service.rows.service import Rows
from file_service.rows.tabular import Tables
from file_service.sandbox.limits import Limits
from file_service.sandbox.pool import Pool
from file_service.storage.object_store import ObjectStore
from file_service.texts import routes as text_routes
from file_service.texts.service import Texts
from file_service.thumbnails import routes as thumbnail_routes
from file_service.thumbnails.service import Thumbnails
from file_service.uploads.service import Uploads
from strongroom.database import Database

ROUTERS = (
    csv_routes.router,
    text_routes.router,
    thumbnail_routes.router,
    row_routes.router,
    derivation_routes.router,
)

_MIB, _GIB = 1024**2, 1024**3
# Those for rows answer one question after another, so they are bounded by how long they are silent.
_PAGE = Limits(seconds=120, processor_seconds=0, scratch=2 * _GIB)
_EXPORT = Limits(seconds=600, processor_seconds=0, output=2**63, scratch=4 * _GIB)
_HEAD = Limits(seconds=30, processor_seconds=20)
_DRAWING = Limits(seconds=30, processor_seconds=20, output=16 * _MIB)
_PATIENCE = 30.0  # seconds, of whoever finds all processes busy


@asynccontextmanager
async def insides(
    database: Database, store: ObjectStore, history: History, derivations: Derivations, uploads: Uploads
) -> AsyncIterator[tuple[object, ...]]:
    """Gives the parts that routes need."""
    cores = os.cpu_count() or 2
    readings, renewal = Readings(database), Renewal(database, derivations)
    async with (
        Pool("csv-head", _HEAD, at_once=cores, patience=_PATIENCE) as heads,
        Pool("rows", _PAGE, at_once=cores, patience=_PATIENCE) as pages,
        Pool("pdf", _DRAWING, at_once=cores, patience=_PATIENCE) as drawing,
        Pool("rows", _EXPORT, at_once=2 * cores, patience=_PATIENCE) as exports,
    ):
        first = Heads(store, heads)
        yield (
            readings,
            Texts(database, history, readings),
            Thumbnails(history, readings, renewal, store, drawing),
            Rows(history, Tables(readings, first), renewal, store, pages=pages, exports=exports),
            CsvUploads(uploads, first),
        )

"""Puts together what keeps the stored bytes in order, beside the requests."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

from file_service.derivations import repository as derived
from file_service.derivations.service import Derivations
from file_service.events.pruning import Pruning
from file_service.files.freeing import Freeing
from file_service.files.removal import Removal
from file_service.integrity import repository as versions
from file_service.integrity.metrics import IntegrityMetrics
from file_service.integrity.pace import Pace
from file_service.integrity.recount import Recount
from file_service.integrity.scrub import Scrub
from file_service.integrity.service import Integrity
from file_service.integrity.sweep import Sweep
from file_service.integrity.unread import Unread
from file_service.resumable import repository as resumable
from file_service.resumable.expiry import Expiry
from file_service.retention.service import Kept, Retention
from file_service.settings import FileSettings
from file_service.storage.object_store import ObjectStore
from file_service.usage.service import Quotas
from strongroom.database import Database
from strongroom.web.housekeeping import Chore, housekeeping
from strongroom.web.metrics import Metrics

_MINUTE, _HOUR = 60.0, 3600.0
# In this order: an object goes over from an upload to a version, and must not be missed by being asked for too early
# of the one and too late of the other.
REFERRED = (resumable.referred, versions.referred, derived.referred)


@asynccontextmanager
async def upkeep(
    settings: FileSettings,
    metrics: Metrics,
    database: Database,
    store: ObjectStore,
    quotas: Quotas,
    removal: Removal,
    freeing: Freeing,
    expiry: Expiry,
    derivations: Derivations,
) -> AsyncIterator[tuple[object, ...]]:
    """At work while inside. Gives the parts that routes need."""
    counted = IntegrityMetrics(metrics.registry)
    integrity = Integrity(database, counted)
    chores: list[tuple[Chore, float]] = [(integrity.tell_metrics, _MINUTE / 2)]
    after = settings.upkeep_after_seconds
    if settings.scrub_days:
        pace = Pace(settings.scrub_bytes_per_second)
        scrub = Scrub(database, store, counted, pace, every=timedelta(days=settings.scrub_days))
        chores.append((scrub.turn, _MINUTE))
    if settings.sweep_hours:
        grace, every = timedelta(hours=settings.orphan_hours), timedelta(hours=settings.sweep_hours)
        sweep = Sweep(database, store, counted, grace=grace, every=every, referred=REFERRED)
        chores.append((sweep.turn, 5 * _MINUTE))
    retention = Retention(database, quotas, removal, freeing, _kept(settings))
    chores.append((retention.turn, _HOUR))
    if settings.recount_hours:
        recount = Recount(database, quotas, every=timedelta(hours=settings.recount_hours))
        chores.append((recount.turn, 5 * _MINUTE))
    chores.append((expiry.turn, _MINUTE))
    pruning = Pruning(database, kept=timedelta(days=settings.event_days))
    chores.append((pruning.turn, _HOUR))
    unread = Unread(database, derivations, every=timedelta(days=1))
    chores.append((unread.turn, _HOUR))
    async with AsyncExitStack() as stack:
        for chore, seconds in chores:
            await stack.enter_async_context(housekeeping([chore], every=seconds, after=after))
        yield (integrity,)


def _kept(settings: FileSettings) -> Kept:
    return Kept(_days(settings.trash_days), settings.keep_versions or None, _days(settings.version_days))


def _days(number: int | None) -> timedelta | None:
    return timedelta(days=number) if number else None

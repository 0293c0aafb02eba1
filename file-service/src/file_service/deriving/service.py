"""Does the jobs that derive something: reads the object in the sandbox, keeps what comes out, and says how it ended."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from file_service.derivations import passages, repository
from file_service.derivations.repository import Derivation
from file_service.derivations.service import DERIVE, DERIVE_TABLE
from file_service.derivations.telling import DONE, FAILED, tell
from file_service.deriving.harvest import Harvest
from file_service.deriving.languages import Languages
from file_service.deriving.limits import LIMITS, LONGEST
from file_service.parsers.contract import Facts, Task
from file_service.sandbox.errors import Interrupted, Unreadable
from file_service.sandbox.sandbox import Sandbox
from file_service.sandbox.sources import stored_bytes
from file_service.storage.discarding import Arrivals, NewObjects
from file_service.storage.object_store import ObjectMissing, ObjectStore, StoreUnavailable
from file_service.usage import repository as owners
from file_service.usage.errors import OwnerBusy, OwnerGone
from strongroom.database import Database, Transaction
from strongroom.database.job_worker import Handler, Job, NotYet
from strongroom.errors import NotFound

log = structlog.get_logger()

_MOST_ATTEMPTS = 20  # some hours


class NotWanted(NotFound):
    """The file was removed meanwhile, or somebody else was quicker."""

    slug = "not-wanted"
    title = "What was derived is not wanted any more"


class Deriving:
    """`tables` runs what can take minutes and half a gigabyte, `others` the rest."""

    def __init__(
        self,
        database: Database,
        store: ObjectStore,
        arrivals: Arrivals,
        languages: Languages,
        *,
        tables: Sandbox,
        others: Sandbox,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._store = store
        self._arrivals = arrivals
        self._languages = languages
        self._sandboxes = {DERIVE: others, DERIVE_TABLE: tables}
        self._clock = clock

    def handlers(self, name: str) -> Mapping[str, Handler]:
        """Never given up by the queue, for nobody would tell the file's owner; a file is, and says so."""
        return {name: Handler(self.derive, keep_trying=None, time_limit=timedelta(seconds=3 * LONGEST))}

    async def derive(self, job: Job) -> None:
        """Once more does no harm. Raises NotYet."""
        async with self._database.reading() as connection:
            wanted = await repository.find(connection, job.payload["key"], job.payload["parser"])
        if wanted is None or wanted.state != "waiting":
            return
        try:
            await self._derive_or_fail(wanted, self._sandboxes[job.name])
        except (Interrupted, SQLAlchemyError) as error:
            # Whatever is wrong with it, the file is not to wait for ever.
            if job.attempt < _MOST_ATTEMPTS:
                raise NotYet(type(error).__name__) from error
            await self._fail(wanted, "interrupted", "Reading the file failed again and again")
        except (StoreUnavailable, OwnerBusy) as error:
            raise NotYet(error.slug) from error
        except OwnerGone:
            log.info("derivation.not_wanted", parser=wanted.parser)

    async def _derive_or_fail(self, wanted: Derivation, sandbox: Sandbox) -> None:
        try:
            await self._derive(wanted, sandbox)
        except NotWanted:
            log.info("derivation.not_wanted", parser=wanted.parser)
        except ObjectMissing:
            await self._fail(wanted, "missing", "The stored bytes of this file are missing")
        except Unreadable as ending:
            await self._fail(wanted, ending.reason, ending.detail)

    async def _derive(self, wanted: Derivation, sandbox: Sandbox) -> None:
        task = Task(wanted.content_type, wanted.filename, wanted.options)
        async with (
            self._arrivals.of(wanted.owner_id) as new,
            stored_bytes(self._store, wanted.object_key, wanted.size) as source,
        ):
            harvest = Harvest(self._store, new)
            facts = await sandbox.run(wanted.parser, source, task, harvest, LIMITS[wanted.parser])
            if harvest.passages and not isinstance(facts.get("language"), str):
                facts["language"] = await self._languages.of(wanted.owner_id, harvest.passages)
            await self._keep(wanted, facts, harvest, new)
        log.info("derivation.done", parser=wanted.parser, objects=len(harvest.objects))

    async def _keep(self, wanted: Derivation, facts: Facts, harvest: Harvest, new: NewObjects) -> None:
        async def record() -> None:
            # In a transaction of their own, since it can be long, and nobody is to wait for the owner meanwhile.
            async with self._database.begin() as tx:
                await self._still_wanted(tx, wanted)
                await passages.put(tx, wanted, harvest.passages, facts.get("language"))
            async with self._database.begin() as tx:
                # The owner first, as it is for whoever removes their files.
                await owners.lock(tx, wanted.owner_id)
                await self._still_wanted(tx, wanted)
                await repository.finish(tx, wanted, facts, harvest.objects, self._clock())
                await tell(tx, wanted, DONE)

        await new.recorded(record())

    async def _fail(self, wanted: Derivation, reason: str, detail: str) -> None:
        log.info("derivation.failed", parser=wanted.parser, reason=reason)
        async with self._database.begin() as tx:
            await owners.lock(tx, wanted.owner_id)
            if await repository.fail(tx, wanted, reason, detail, self._clock()):
                await passages.remove(tx, wanted)
                await tell(tx, wanted, FAILED)

    async def _still_wanted(self, tx: Transaction, wanted: Derivation) -> None:
        found = await repository.find(tx, wanted.object_key, wanted.parser, lock=True)
        if found is None or found.state != "waiting":
            raise NotWanted

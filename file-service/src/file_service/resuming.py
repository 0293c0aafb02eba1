"""Puts together what resumable uploads consist of."""

from dataclasses import dataclass
from datetime import timedelta

from file_service.files.freeing import Freeing
from file_service.files.recording import Recording
from file_service.resumable.admission import Admission
from file_service.resumable.concatenation import Concatenation
from file_service.resumable.expiry import Expiry
from file_service.resumable.finishing import Finishing
from file_service.resumable.judging import Judging
from file_service.resumable.leases import Leases
from file_service.resumable.ledger import Ledger
from file_service.resumable.releasing import Releasing
from file_service.resumable.running_digests import RunningDigests
from file_service.resumable.service import ResumableUploads
from file_service.resumable.stored import Stored
from file_service.resumable.writing import Writers
from file_service.settings import FileSettings
from file_service.storage.discarding import Arrivals
from file_service.storage.multipart import MultipartStore
from file_service.storage.object_store import ObjectStore
from file_service.uploads.content_types import TypePolicy
from file_service.uploads.limits import UploadLimits
from file_service.usage.service import Quotas
from strongroom.database import Database
from strongroom.database.jobs import JobQueue


@dataclass(frozen=True, slots=True)
class Resuming:
    """What routes, chores and jobs need of it."""

    uploads: ResumableUploads
    expiry: Expiry
    releasing: Releasing


def resuming(
    settings: FileSettings,
    database: Database,
    store: ObjectStore,
    arrivals: Arrivals,
    multipart: MultipartStore,
    jobs: JobQueue,
    freeing: Freeing,
    quotas: Quotas,
    limits: UploadLimits,
    recording: Recording,
    policy: TypePolicy,
) -> Resuming:
    ledger = Ledger(database, freeing, kept=timedelta(hours=settings.resumable_hours))
    judging, digests = Judging(policy), RunningDigests()
    stored = Stored(store, arrivals, multipart, ledger)
    releasing = Releasing(jobs, freeing, multipart)
    concatenation = Concatenation(database, stored, ledger, judging)
    uploads = ResumableUploads(
        database,
        Admission(database, quotas, limits, ledger),
        Leases(database),
        Writers(stored, ledger, judging, digests),
        concatenation,
        Finishing(stored, ledger, recording, judging, concatenation, digests),
        releasing,
        digests,
        public_url=settings.public_url,
    )
    return Resuming(uploads, Expiry(database, releasing), releasing)

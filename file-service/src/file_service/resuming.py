"""Puts together what resumable and direct uploads consist of: one ledger, and two ways for the bytes to come in."""

from dataclasses import dataclass
from datetime import timedelta

from file_service.direct.completion import Completion
from file_service.direct.service import DirectUploads
from file_service.direct.signing import Signing
from file_service.files.freeing import Freeing
from file_service.files.recording import Recording
from file_service.resumable.admission import Admission
from file_service.resumable.concatenation import Concatenation
from file_service.resumable.ending import Ending
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
    direct: DirectUploads
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
    signing: Signing,
) -> Resuming:
    ledger = Ledger(database, freeing, kept=timedelta(hours=settings.resumable_hours))
    judging, digests = Judging(policy), RunningDigests()
    stored = Stored(store, arrivals, multipart, ledger)
    releasing = Releasing(jobs, freeing, multipart)
    ending, leases = Ending(database, releasing), Leases(database)
    admission = Admission(database, quotas, limits, ledger)
    concatenation = Concatenation(database, stored, ledger, judging)
    finishing = Finishing(stored, ledger, recording, judging, concatenation, digests)
    uploads = ResumableUploads(
        ledger,
        admission,
        leases,
        Writers(stored, ledger, judging, digests),
        concatenation,
        finishing,
        ending,
        digests,
    )
    completion = Completion(stored, ledger, judging, finishing, ending)
    direct = DirectUploads(signing, ledger, admission, leases, stored, completion, ending)
    return Resuming(uploads, direct, Expiry(database, releasing), releasing)

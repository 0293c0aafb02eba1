"""Puts the file service together: the only module that knows every part."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI

from file_service import catalogue
from file_service.addresses import routes as address_routes
from file_service.addresses.grants import Seal
from file_service.addresses.service import Addresses
from file_service.archive import routes as archive_routes
from file_service.archive.service import Archives
from file_service.copies import routes as copy_routes
from file_service.copies.service import Copies
from file_service.derivations.readings import Readings
from file_service.derivations.service import Derivations
from file_service.direct import routes as direct_routes
from file_service.direct.downloads import DirectDownloads
from file_service.direct.signing import Signing
from file_service.downloads import routes as download_routes
from file_service.downloads.service import Downloads
from file_service.events import routes as event_routes
from file_service.events.audience import Audience
from file_service.events.feeds import Feeds
from file_service.exports import routes as export_routes
from file_service.exports.service import Exports
from file_service.files import history_routes
from file_service.files import routes as file_routes
from file_service.files.freeing import Freeing
from file_service.files.history import History
from file_service.files.recording import Recording
from file_service.files.removal import Removal
from file_service.files.service import Files
from file_service.folders import routes as folder_routes
from file_service.folders.service import Folders
from file_service.insides import ROUTERS as INSIDES
from file_service.insides import insides
from file_service.integrity import routes as integrity_routes
from file_service.jobs import routes as jobs_routes
from file_service.keys import derived_key
from file_service.links import public_routes as public_link_routes
from file_service.links import routes as link_routes
from file_service.links.answers import LinkAnswers
from file_service.links.passwords import LinkPasswords
from file_service.links.proofs import Proofs
from file_service.links.service import Links
from file_service.links.visits import Visits
from file_service.posting import webhooks
from file_service.purging import routes as purging_routes
from file_service.purging.service import Purging
from file_service.resumable import routes as resumable_routes
from file_service.resumable.protocol import TusProtocol
from file_service.resuming import resuming
from file_service.settings import FileSettings
from file_service.sharing import routes as sharing_routes
from file_service.sharing.service import Sharing
from file_service.storage.discarding import Arrivals
from file_service.storage.multipart import MultipartStore
from file_service.storage.object_store import ObjectStore
from file_service.storing import object_store, public_urls
from file_service.telling import ELSEWHERE, tell
from file_service.upkeep import upkeep
from file_service.uploads import raw_routes
from file_service.uploads import routes as upload_routes
from file_service.uploads.content_types import TypePolicy
from file_service.uploads.intake import Intake
from file_service.uploads.limits import UploadLimits
from file_service.uploads.patience import Patience
from file_service.uploads.places import Places
from file_service.uploads.service import Uploads
from file_service.usage import routes as usage_routes
from file_service.usage.service import Quotas
from file_service.webhooks import routes as webhook_routes
from strongroom import TokenVerifier
from strongroom.database import Database
from strongroom.database.attempts import Attempts
from strongroom.database.job_list import JobList
from strongroom.database.job_worker import Worker
from strongroom.database.jobs import JobQueue
from strongroom.passwords import Passwords
from strongroom.web import metrics as metrics_page
from strongroom.web.app import build_app
from strongroom.web.health import Readiness
from strongroom.web.housekeeping import housekeeping
from strongroom.web.metrics import Metrics
from strongroom.web.parts import provide
from strongroom.web.public_address import PublicAddress

_LARGEST_BODY = 64 * 1024
_LONGEST_LIST = 1024 * 1024  # of parts, all of which a client names
_SCHEMA = "files"
FOR_NEWS = 4  # connections
# Every query has an index. Reading a table from its beginning would do for a page of whoever has most of it, and for
# nobody else, and the planner cannot tell them apart.
PLANNING = {"enable_seqscan": "off"}


def same(store: ObjectStore) -> ObjectStore:
    return store


def create_app(settings: FileSettings, *, around_store: Callable[[ObjectStore], ObjectStore] = same) -> FastAPI:
    """`around_store` may put something between the service and its store."""

    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        store = object_store(settings)
        try:
            async with parts_of(settings, around_store(store), store, metrics) as parts:
                provide(app, metrics, *parts)
                yield
        finally:
            await store.aclose()

    app = build_app(
        "Strongroom file service",
        lifespan=lifespan,
        routers=[
            resumable_routes.router,
            direct_routes.router,
            *INSIDES,
            jobs_routes.router,
            purging_routes.router,
            upload_routes.router,
            raw_routes.router,
            usage_routes.router,
            event_routes.router,
            catalogue.router,
            folder_routes.router,
            copy_routes.router,
            archive_routes.router,
            download_routes.router,
            address_routes.router,
            address_routes.public,
            public_link_routes.router,
            link_routes.router,
            sharing_routes.router,
            webhook_routes.router,
            integrity_routes.router,
            metrics_page.router,
            export_routes.router,
            history_routes.router,
            file_routes.router,
        ],
        body_limit=_LARGEST_BODY,
        larger_bodies={"/files/direct/": _LONGEST_LIST},
        streaming=("/files/upload", "/files/uploads", "/files/raw/", "/files/content/"),
        secret_below=("/s/",),  # whoever knows what stands there needs nothing else
        watching=metrics.traffic,
    )
    app.add_middleware(TusProtocol)
    return app


@asynccontextmanager
async def parts_of(
    settings: FileSettings, store: ObjectStore, multipart: MultipartStore, metrics: Metrics
) -> AsyncIterator[tuple[object, ...]]:
    """Everything that the routes need, at work while inside."""
    database = Database(settings.database_url.get_secret_value(), parameters=PLANNING)
    verifier = TokenVerifier(
        settings.public_url,
        jwks_url=f"{settings.auth_url}/.well-known/jwks.json",
        revocations_url=f"{settings.auth_url}/auth/revocations",
    )
    jobs = JobQueue(database, _SCHEMA)
    quotas = Quotas(database, default=settings.quota_bytes)
    freeing = Freeing(database, jobs, store)
    removal = Removal(quotas, freeing)
    derivations = Derivations(jobs)
    recording = Recording(database, quotas, derivations)
    history = History(database, quotas)
    policy = TypePolicy(settings.allowed_types, settings.denied_types)
    limits = UploadLimits(quotas, settings.max_file_bytes, settings.max_file_bytes_by_role)
    # What has waited longer for its row is near the age at which the sweep takes it for an orphan.
    arrivals = Arrivals(store, good_for=settings.orphan_hours * 3600 / 2)
    uploads = Uploads(
        arrivals,
        Intake(store, policy),
        recording,
        limits,
        Places(settings.max_uploads_at_once),
        max_files=settings.max_files_per_upload,
    )
    signing = Signing(public_urls(settings))
    resumable = resuming(
        settings, database, store, arrivals, multipart, jobs, freeing, quotas, limits, recording, policy, signing
    )
    files = Files(database, quotas, removal, derivations)
    sharing = Sharing(database, quotas)
    downloads = Downloads(store, history)
    archives = Archives(database, store)
    # Out of the one secret that every replica has anyway. Under a new one the counts begin anew, and addresses of
    # downloads that were given out are dead.
    secret = settings.s3_secret_key.get_secret_value()
    attempts = Attempts(database, _SCHEMA, derived_key(secret, "attempts"))
    passwords = Passwords(rounds=settings.bcrypt_rounds)
    link_passwords = LinkPasswords(passwords, attempts, Proofs(derived_key(secret, "link-proofs")))
    links = Links(database, quotas, link_passwords)
    visits = Visits(database, history, link_passwords)
    handlers = {**freeing.handlers(), **resumable.releasing.handlers()}
    worker = Worker(settings.database_url.get_secret_value(), _SCHEMA, handlers)
    kept = upkeep(settings, metrics, database, store, quotas, removal, freeing, resumable.expiry, derivations)
    url = settings.database_url.get_secret_value()
    # Of its own: what has happened is told however many requests wait for a connection.
    news = Database(url, pool_size=FOR_NEWS, parameters=PLANNING)
    feeds = Feeds(news, url)
    audience = Audience(feeds, verifier, most=settings.max_listeners, most_each=settings.max_listeners_each)
    tell(metrics, database, verifier, audience, [*handlers, *ELSEWHERE])
    purging = Purging(quotas, freeing, resumable.releasing, sharing)
    checks = {"database": database.ping, "store": store.ping}
    try:
        async with (
            verifier,
            worker,
            feeds,
            audience,
            housekeeping([jobs.prune, links.prune, attempts.prune], after=settings.upkeep_after_seconds),
            housekeeping([purging.purge_again], every=3600, after=settings.upkeep_after_seconds),
            kept as upkeep_parts,
            insides(database, store, history, derivations, uploads) as inside_parts,
            webhooks(settings, database, jobs, quotas) as webhook_parts,
        ):
            yield (
                *upkeep_parts,
                *inside_parts,
                audience,
                *webhook_parts,
                files,
                Exports(files),
                Folders(database, quotas, removal),
                Copies(store, arrivals, quotas, history, Readings(database), recording),
                JobList(database, _SCHEMA),
                downloads,
                archives,
                Addresses(verifier, history, downloads, Seal(derived_key(secret, "download-addresses"))),
                links,
                visits,
                LinkAnswers(visits, downloads, archives),
                sharing,
                PublicAddress(settings.public_url),
                history,
                quotas,
                purging,
                Patience(settings.upload_idle_seconds),
                uploads,
                resumable.uploads,
                resumable.direct,
                DirectDownloads(signing, history),
                signing,
                verifier,
                Readiness(checks, notes={"revocations": lambda: verifier.feed.state}),
            )
    finally:
        passwords.close()
        await news.aclose()
        await database.aclose()

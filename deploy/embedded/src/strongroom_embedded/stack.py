"""The order of everything: what starts when, what waits for what, and how it all stops again."""

import time
from collections.abc import Callable
from contextlib import closing
from functools import partial

from strongroom_embedded.admin import load_admin
from strongroom_embedded.children import Child
from strongroom_embedded.data_directory import claimed
from strongroom_embedded.errors import ServerFailed
from strongroom_embedded.ports import Doors
from strongroom_embedded.private_files import private_directory
from strongroom_embedded.secrets_store import load_secrets
from strongroom_embedded.servers import Servers
from strongroom_embedded.services import Service, Services
from strongroom_embedded.settings import Settings
from strongroom_embedded.waiting import Pause, answers, raise_if_dead, wait_until_ready
from strongroom_embedded.worker import Worker

READY_TIMEOUT = 60.0
STOP_TIMEOUT = 10.0  # seconds that a service may take to finish the requests in hand


class Stack:
    """`pause` sleeps, and raises when the stack is to stop. `say` shows one line to the person who started it."""

    def __init__(self, settings: Settings, pause: Pause, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._outer_pause = pause
        self._say = say
        self._servers: Servers | None = None
        self._migrations: dict[str, Child] = {}
        self._services: dict[str, Child] = {}
        self._worker: Worker | None = None

    def run(self) -> None:
        """Starts everything, then stays until `pause` raises or a child dies. Leaves nothing running behind."""
        with claimed(self._settings.data), closing(Doors.open(self._settings.port)) as doors:
            try:
                self._start(doors)
                while True:
                    self._pause(0.2)
            finally:
                self._stop()

    def _start(self, doors: Doors) -> None:
        data, settings = self._settings.data, self._settings
        secrets = load_secrets(data / "secrets")
        admin = load_admin(data / "admin.txt", settings.admin_email, settings.admin_password)
        private_directory(data / "logs")
        mail = private_directory(settings.mail or data / "mail")
        servers = self._servers = Servers(settings, secrets, self._pause, self._say)
        services = Services(settings, doors)

        gateway = services.gateway()
        self._serve(gateway)  # it needs nothing but addresses, so it loads while the servers start
        store = servers.launch_object_store()
        database_url = servers.start_database()
        auth = services.auth(database_url, settings.master_key or secrets.master_key, admin, mail)
        files = services.files(database_url, store)
        self._migrate_and_serve([auth, files])
        self._worker = Worker(files.worker())  # nobody waits for it: what it has to do comes later
        self._wait_for([auth, files, gateway])
        if admin.is_new:
            self._say(f"Administrator: {admin.email}  password: {admin.password}  (kept in {data / 'admin.txt'})")
        self._say(f"Strongroom is ready at {services.public_url}")

    def _migrate_and_serve(self, services: list[Service]) -> None:
        """Each service starts as soon as its own migration is through."""
        assert self._servers is not None
        self._say("Migrating …")
        began = time.monotonic()
        for service in services:
            self._migrations[service.name] = Child(service.migration())
        self._servers.wait_for_object_store()
        waiting = list(services)
        while waiting:
            for service in [each for each in waiting if self._is_migrated(each)]:
                self._serve(service)
                waiting.remove(service)
            self._pause(0.02)
        self._say(f"Migrated ({time.monotonic() - began:.1f} s)")

    def _is_migrated(self, service: Service) -> bool:
        migration = self._migrations[service.name]
        if migration.exit_code:
            raise ServerFailed(f"{migration.name} failed, exit code {migration.exit_code}:\n{migration.log_tail()}")
        return migration.exit_code == 0

    def _serve(self, service: Service) -> None:
        self._services[service.name] = Child(service.serve())
        # The service alone holds it from now on: as soon as it has stopped, callers are refused rather than queued.
        service.door.close()

    def _wait_for(self, services: list[Service]) -> None:
        self._say("Starting the services …")
        began = time.monotonic()
        for service in services:
            wait_until_ready(
                self._services[service.name],
                partial(answers, service.port, service.is_ready_at),
                timeout=READY_TIMEOUT,
                pause=self._pause,
            )
            self._say(f"{service.name} is up ({time.monotonic() - began:.1f} s)")

    def _pause(self, seconds: float) -> None:
        """Every wait goes through here, so that any child's death ends it at once."""
        self._outer_pause(seconds)
        for child in (*self._services.values(), *(self._servers.children() if self._servers else ())):
            raise_if_dead(child)
        if self._worker is not None:
            self._worker.revive()

    def _stop(self) -> None:
        """Whoever serves clients first, whoever keeps the data last."""
        self._say("Stopping …")
        if self._worker is not None:
            self._worker.stop(STOP_TIMEOUT)
        for name in ("gateway", "files", "auth"):
            if name in self._services:
                self._services[name].stop(STOP_TIMEOUT)
        for migration in self._migrations.values():
            migration.stop(STOP_TIMEOUT)
        if self._servers is not None:
            self._servers.stop()

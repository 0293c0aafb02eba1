"""The order of everything: what starts when, what waits for what, and how it all stops again."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from strongroom_embedded.admin import Admin, load_admin
from strongroom_embedded.children import Child, Program
from strongroom_embedded.data_directory import claimed
from strongroom_embedded.errors import ServerFailed
from strongroom_embedded.ports import gateway_socket, port_of, service_socket
from strongroom_embedded.postgres import EmbeddedPostgres
from strongroom_embedded.private_files import private_directory
from strongroom_embedded.seaweed import EmbeddedSeaweed
from strongroom_embedded.secrets_store import Secrets, load_secrets
from strongroom_embedded.services import Services
from strongroom_embedded.settings import LOOPBACK, ObjectStoreAddress, Settings
from strongroom_embedded.waiting import Pause, answers, raise_if_dead, wait_until_ready

READY_TIMEOUT = 60.0
SERVICE_STOP_TIMEOUT = 10.0
BUCKET = "strongroom"


class Stack:
    """`pause` sleeps, and raises when the stack is to stop. `say` shows one line to the person who started it."""

    def __init__(self, settings: Settings, pause: Pause, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._pause_or_stop = pause
        self._say = say
        self._logs = settings.data / "logs"
        self._postgres: EmbeddedPostgres | None = None
        self._seaweed: EmbeddedSeaweed | None = None
        self._migrations: list[Child] = []
        self._services: dict[str, Child] = {}

    def run(self) -> None:
        """Starts everything and stays until `pause` raises or a child dies. Nothing runs any more when it returns."""
        with claimed(self._settings.data), ExitStack() as sockets:
            try:
                self._start(sockets)
                while True:
                    self._pause(0.2)
            finally:
                self._stop()

    def _start(self, sockets: ExitStack) -> None:
        settings, began = self._settings, time.monotonic()
        gateway = sockets.enter_context(gateway_socket(settings.port))
        auth, files = sockets.enter_context(service_socket()), sockets.enter_context(service_socket())
        public_url = settings.public_url or f"http://{LOOPBACK}:{port_of(gateway)}"
        secrets = load_secrets(settings.data / "secrets")
        admin = load_admin(settings.data / "admin.txt", settings.admin_email, settings.admin_password)
        mail = private_directory(settings.mail or settings.data / "mail")
        private_directory(self._logs)
        services = Services(settings, public_url, port_of(auth), port_of(files), self._logs)

        # The gateway needs nothing but addresses, so it loads while the servers start.
        self._serve(services.gateway(gateway.fileno()))
        gateway_port = port_of(gateway)
        gateway.close()  # held by its process alone from here on, so that it is free once that has stopped
        store = self._launch_object_store(secrets)
        database_url = self._start_database(secrets)
        auth_environment = services.auth_environment(
            database_url, settings.master_key or secrets.master_key, admin, mail
        )
        files_environment = services.files_environment(database_url, store)
        migrations = {
            self._migrate(services.auth_migration(auth_environment)): services.auth(auth.fileno(), auth_environment),
            self._migrate(services.files_migration(files_environment)): services.files(files.fileno(), files_environment),
        }
        self._wait_for_object_store(began)
        self._serve_when_migrated(migrations)
        port_of_service = {"auth": port_of(auth), "files": port_of(files)}
        auth.close(), files.close()
        for name, port in port_of_service.items():
            self._wait_for(name, port, "/readyz", began)
        self._wait_for("gateway", gateway_port, "/health", began)
        if admin.is_new:
            self._say(f"Administrator: {admin.email}, password: {admin.password} (kept in {settings.data / 'admin.txt'})")
        self._say(f"Strongroom is ready at {public_url}")

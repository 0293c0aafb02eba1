"""How the services, and the worker of one, are run: their commands and the environment they need, and no more."""

import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from strongroom_embedded.admin import Admin
from strongroom_embedded.children import Program
from strongroom_embedded.ports import Doors, port_of
from strongroom_embedded.settings import LOOPBACK, ObjectStoreAddress, Settings


@dataclass(frozen=True, slots=True)
class Service:
    """`is_ready_at` is the path that answers 200 once it takes requests."""

    name: str
    module: str
    door: socket.socket
    port: int
    is_ready_at: str
    environment: Mapping[str, str]
    data: Path

    def serve(self) -> Program:
        """Inherits its listening socket, and learns the number of it from STRONGROOM_LISTEN."""
        listen = self.door.fileno()
        return self._program(self.name, "serve", {"STRONGROOM_LISTEN": f"fd:{listen}"}, (listen,))

    def worker(self) -> Program:
        """Does the jobs of the service, and serves nobody."""
        return self._program(f"{self.name}-worker", "work", {}, ())

    def migration(self) -> Program:
        """Ends by itself, and must have before the service is started."""
        return self._program(f"{self.name}-migrate", "migrate", {}, ())

    def _program(self, name: str, verb: str, more: Mapping[str, str], inherited: tuple[int, ...]) -> Program:
        return Program(
            name=name,
            # -P: a directory of that name, where the launcher happens to run, must not be taken for the service.
            command=[sys.executable, "-P", "-m", self.module, verb],
            environment={**self.environment, **more},
            directory=self.data,
            log=self.data / "logs" / f"{name}.log",
            inherited=inherited,
        )


class Services:
    """Describes the three. `public_url` is where clients find them."""

    def __init__(self, settings: Settings, doors: Doors) -> None:
        self._settings = settings
        self._doors = doors
        self.public_url = settings.public_url or _url(doors.gateway)

    def gateway(self) -> Service:
        own = {
            "STRONGROOM_AUTH_URL": _url(self._doors.auth),
            "STRONGROOM_FILES_URL": _url(self._doors.files),
            # Proxies in front of the stack are the gateway's to trust; the services behind it see nobody else.
            "STRONGROOM_TRUSTED_PROXIES": self._settings.trusted_proxies,
        }
        return self._service("gateway", "gateway", self._doors.gateway, "/health", own)

    def auth(self, database_url: str, master_key: str, admin: Admin, mail: Path) -> Service:
        own = {
            "STRONGROOM_DATABASE_URL": database_url,
            "STRONGROOM_MASTER_KEY": master_key,
            "STRONGROOM_ADMIN_EMAIL": admin.email,
            "STRONGROOM_ADMIN_PASSWORD": admin.password,
            "STRONGROOM_MAIL_DIR": str(mail),
            "STRONGROOM_FILES_URL": _url(self._doors.files),
        }
        return self._service("auth", "auth_service", self._doors.auth, "/readyz", own)

    def files(self, database_url: str, store: ObjectStoreAddress) -> Service:
        own = {
            "STRONGROOM_DATABASE_URL": database_url,
            "STRONGROOM_S3_ENDPOINT": store.endpoint,
            "STRONGROOM_S3_ACCESS_KEY": store.access_key,
            "STRONGROOM_S3_SECRET_KEY": store.secret_key,
            "STRONGROOM_S3_BUCKET": store.bucket,
            "STRONGROOM_AUTH_URL": _url(self._doors.auth),
        }
        return self._service("files", "file_service", self._doors.files, "/readyz", own)

    def _service(
        self, name: str, module: str, door: socket.socket, is_ready_at: str, own: Mapping[str, str]
    ) -> Service:
        environment = {**self._shared(), **own}
        return Service(name, module, door, port_of(door), is_ready_at, environment, self._settings.data)

    def _shared(self) -> dict[str, str]:
        others = {name: value for name, value in os.environ.items() if not name.startswith("STRONGROOM_")}
        return {
            **others,
            **self._settings.passed_through,
            "STRONGROOM_PUBLIC_URL": self.public_url,
            "STRONGROOM_TRUSTED_PROXIES": LOOPBACK,
        }


def _url(door: socket.socket) -> str:
    return f"http://{LOOPBACK}:{port_of(door)}"

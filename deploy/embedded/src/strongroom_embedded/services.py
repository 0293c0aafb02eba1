"""How each of the three services is run: its commands and the environment it needs, and no more than that."""

import os
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
    """`is_ready_at` answers 200 once it takes requests. `migrate` ends by itself, before `serve` may start."""

    name: str
    port: int
    is_ready_at: str
    serve: Program
    migrate: Program


class Services:
    """Makes the three. `public_url` is where clients find them."""

    def __init__(self, settings: Settings, doors: Doors, logs: Path) -> None:
        self._settings = settings
        self._doors = doors
        self._logs = logs
        self.public_url = settings.public_url or _url(port_of(doors.gateway))

    def gateway(self) -> Service:
        own = {
            "STRONGROOM_AUTH_URL": _url(port_of(self._doors.auth)),
            "STRONGROOM_FILES_URL": _url(port_of(self._doors.files)),
            # Proxies in front of the stack are the gateway's to trust; the services behind it see nobody else.
            "STRONGROOM_TRUSTED_PROXIES": self._settings.trusted_proxies,
        }
        return self._service("gateway", "gateway", "/health", self._doors.gateway.fileno(), own)

    def auth(self, database_url: str, master_key: str, admin: Admin, mail: Path) -> Service:
        own = {
            "STRONGROOM_DATABASE_URL": database_url,
            "STRONGROOM_MASTER_KEY": self._settings.master_key or master_key,
            "STRONGROOM_ADMIN_EMAIL": admin.email,
            "STRONGROOM_ADMIN_PASSWORD": admin.password,
            "STRONGROOM_MAIL_DIR": str(mail),
        }
        return self._service("auth", "auth_service", "/readyz", self._doors.auth.fileno(), own)

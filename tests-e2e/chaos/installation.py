"""All of Strongroom on this machine, with a line to each of its stores, and nobody who brings back what ends."""

import base64
import os
import secrets
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from chaos.bad_line import BadLine
from chaos.disks import Disks
from chaos.parts import OwnProcess, Part, Store, has_ended
from stack import ADMIN_EMAIL, ADMIN_PASSWORD

from strongroom_embedded.children import Child, Program
from strongroom_embedded.ports import free_port
from strongroom_embedded.postgres import EmbeddedPostgres
from strongroom_embedded.seaweed import EmbeddedSeaweed
from strongroom_embedded.settings import LOOPBACK

ACCESS_KEY, SECRET_KEY, BUCKET = "chaos-access", "chaos-secret", "strongroom"
_WELL_WITHIN = 60.0  # seconds
_MIGRATED_WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class Installation:
    """`own` are our processes. The stores are where `disks` say."""

    url: str
    own: Mapping[str, OwnProcess]
    stores: Mapping[str, Store]
    postgres: EmbeddedPostgres
    disks: Disks

    @property
    def parts(self) -> Mapping[str, Part]:
        return {**self.own, **self.stores}

    def recover(self) -> None:
        """Until the gateway says that all is well, of itself and of what is behind it.

        A store may have ended for good, and is begun again as its operator would; none of ours may.
        """
        until = time.monotonic() + _WELL_WITHIN
        with httpx2.Client(trust_env=False, timeout=10) as http:
            while not _is_well(http, f"{self.url}/health"):
                for store in self.stores.values():
                    if has_ended(store):
                        store.start()
                assert time.monotonic() < until, f"not well again {_WELL_WITHIN} s after everything was mended"
                time.sleep(0.05)  # nobody tells when
        assert not [name for name, one in self.own.items() if has_ended(one)]


def _is_well(http: httpx2.Client, address: str) -> bool:
    try:
        return http.get(address).status_code == 200
    except httpx2.TransportError:
        return False


@contextmanager
def installation(folder: Path, disks: Disks) -> Iterator[Installation]:
    """Running, in folders of its own."""
    ports = {name: free_port() for name in ("gateway", "auth", "files")}
    origins = {name: f"http://{LOOPBACK}:{port}" for name, port in ports.items()}
    with ExitStack() as running:
        lines = [running.enter_context(BadLine().listening()) for _ in range(2)]
        postgres = EmbeddedPostgres(disks.database / "cluster", "chaos", log=folder / "postgres.log")
        seaweed = EmbeddedSeaweed(disks.objects / "objects", ACCESS_KEY, SECRET_KEY, BUCKET, log=folder / "weed.log")
        stores = {
            "database": Store(postgres, lambda: postgres.port, lines[0]),
            "objects": Store(seaweed, lambda: int(seaweed.endpoint.rpartition(":")[2]), lines[1]),
        }
        _start_all(running, stores.values())
        database_url = postgres.url.replace(f":{postgres.port}/", f":{lines[0].port}/")
        environment = _environment(folder, origins, database_url, f"http://{LOOPBACK}:{lines[1].port}")
        _migrate(folder, environment)
        own = {
            name: _own(folder, environment, name, ports.get(name)) for name in ("auth", "files", "worker", "gateway")
        }
        _start_all(running, own.values())
        place = Installation(origins["gateway"], own, stores, postgres, disks)
        place.recover()
        yield place


def _start_all(running: ExitStack, parts: Iterable[Part]) -> None:
    """Side by side."""
    for part in parts:
        running.callback(part.stop)
        part.launch()
    for part in parts:
        part.wait()


_COMMANDS = {
    "auth": ("auth_service", "serve"),
    "files": ("file_service", "serve"),
    "worker": ("file_service", "work"),
    "gateway": ("gateway", "serve"),
}


def _environment(folder: Path, origins: Mapping[str, str], database_url: str, endpoint: str) -> dict[str, str]:
    others = {name: value for name, value in os.environ.items() if not name.startswith("STRONGROOM_")}
    return {
        **others,
        "STRONGROOM_PUBLIC_URL": origins["gateway"],
        "STRONGROOM_AUTH_URL": origins["auth"],
        "STRONGROOM_FILES_URL": origins["files"],
        "STRONGROOM_DATABASE_URL": database_url,
        "STRONGROOM_S3_ENDPOINT": endpoint,
        "STRONGROOM_S3_ACCESS_KEY": ACCESS_KEY,
        "STRONGROOM_S3_SECRET_KEY": SECRET_KEY,
        "STRONGROOM_S3_BUCKET": BUCKET,
        "STRONGROOM_MASTER_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "STRONGROOM_ADMIN_EMAIL": ADMIN_EMAIL,
        "STRONGROOM_ADMIN_PASSWORD": ADMIN_PASSWORD,
        "STRONGROOM_MAIL_DIR": str(folder / "mail"),
        # How long a password takes is not what is tried out, and it would take most of two cores.
        "STRONGROOM_BCRYPT_ROUNDS": "6",
    }


def _own(folder: Path, environment: Mapping[str, str], name: str, port: int | None) -> OwnProcess:
    listen = {} if port is None else {"STRONGROOM_LISTEN": f"{LOOPBACK}:{port}"}
    return OwnProcess(_program(folder, {**environment, **listen}, name, *_COMMANDS[name]), port)


def _program(folder: Path, environment: Mapping[str, str], name: str, module: str, verb: str) -> Program:
    command = [sys.executable, "-P", "-m", module, verb]
    return Program(name, command, environment, folder, folder / f"{name}.log")


def _migrate(folder: Path, environment: Mapping[str, str]) -> None:
    modules = ("auth_service", "file_service")
    migrations = [Child(_program(folder, environment, f"migrate-{one}", one, "migrate")) for one in modules]
    for migration in migrations:
        assert migration.wait(_MIGRATED_WITHIN), migration.log_tail()
        assert migration.exit_code == 0, migration.log_tail()

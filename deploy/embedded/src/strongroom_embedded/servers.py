"""The database and the object store that the services stand on: started here, or named by the settings."""

import time
from collections.abc import Callable

from strongroom_embedded.children import Child
from strongroom_embedded.postgres import EmbeddedPostgres
from strongroom_embedded.seaweed import EmbeddedSeaweed
from strongroom_embedded.secrets_store import Secrets
from strongroom_embedded.settings import ObjectStoreAddress, Settings
from strongroom_embedded.waiting import Pause

BUCKET = "strongroom"


class Servers:
    """Both start side by side; the first start of PostgreSQL has more to do than SeaweedFS needs altogether."""

    def __init__(self, settings: Settings, secrets: Secrets, pause: Pause, say: Callable[[str], None]) -> None:
        data, logs = settings.data, settings.data / "logs"
        self._say = say
        self._database_url = settings.database_url
        self._object_store = settings.object_store
        self._postgres = EmbeddedPostgres(
            data / "postgres", secrets.postgres_password, log=logs / "postgres.log", pause=pause
        )
        self._seaweed = EmbeddedSeaweed(
            data / "objects",
            secrets.s3_access_key,
            secrets.s3_secret_key,
            BUCKET,
            log=logs / "seaweedfs.log",
            pause=pause,
        )

    def children(self) -> list[Child]:
        """Those of the two that run here."""
        return [child for child in (self._seaweed.child, self._postgres.child) if child is not None]

    def launch_object_store(self) -> ObjectStoreAddress:
        """Where it will be; `wait_for_object_store` says when."""
        if self._object_store is not None:
            self._say(f"Using the object store at {self._object_store.endpoint}")
            return self._object_store
        self._say("Starting SeaweedFS …")
        self._seaweed.launch()
        return self._address()

    def start_database(self) -> str:
        """Its URL, once it accepts connections. Somebody else's database is not waited for: the migrations try it."""
        if self._database_url is not None:
            self._say("Using the database of STRONGROOM_DATABASE_URL")
            return self._database_url
        self._say("Starting PostgreSQL …")
        began = time.monotonic()
        self._postgres.launch()
        self._postgres.wait_until_ready()
        self._say(f"PostgreSQL is up ({time.monotonic() - began:.1f} s)")
        return self._postgres.url

    def wait_for_object_store(self) -> None:
        if self._object_store is None:
            self._seaweed.wait_until_ready()
            self._say("SeaweedFS is up")

    def attach(self) -> tuple[str, ObjectStoreAddress]:
        """The database's URL and the store that another launcher runs, or has been told of. Raises `NotReady`."""
        if self._database_url is None:
            self._postgres.attach()
        if self._object_store is None:
            self._seaweed.attach()
        return self._database_url or self._postgres.url, self._object_store or self._address()

    def _address(self) -> ObjectStoreAddress:
        server = self._seaweed
        return ObjectStoreAddress(server.endpoint, server.access_key, server.secret_key, server.bucket)

    def stop(self) -> None:
        """Both at the same time, in bounded time."""
        for child in self.children():
            child.ask_to_stop()
        self._seaweed.stop()
        self._postgres.stop()

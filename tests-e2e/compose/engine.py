"""A container engine: the one that runs here, or Debian's, started for this run and ended with it."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from strongroom_embedded.children import Child, Program
from strongroom_embedded.errors import LauncherError
from strongroom_embedded.waiting import wait_until_ready

_PACKAGES = ["docker.io", "iptables", "mmdebstrap"]
_START_SECONDS = 60
_STOP_SECONDS = 60
_SAID_SECONDS = 60


class NoEngine(Exception):
    """With the reason."""


class Engine:
    """`docker` and `docker compose`, against one engine."""

    def __init__(self, configuration: Path, host: str | None) -> None:
        plugins = configuration / "cli-plugins"
        plugins.mkdir(parents=True)
        (plugins / "docker-compose").symlink_to(Path(sys.executable).with_name("docker-compose"))
        # Not the newer way of building: its program is in no package of Debian's.
        self._environment = {**os.environ, "DOCKER_CONFIG": str(configuration), "DOCKER_BUILDKIT": "0"}
        if host:
            self._environment["DOCKER_HOST"] = host

    def run(self, *words: str | Path, folder: Path | None = None, loud: bool = True) -> None:
        """Raises CalledProcessError. What is not `loud` is told only where it fails."""
        command = ["docker", *map(str, words)]
        done = subprocess.run(
            command,
            cwd=folder,
            env=self._environment,
            check=False,
            stdout=None if loud else subprocess.PIPE,
            stderr=None if loud else subprocess.STDOUT,
        )
        if done.returncode:
            sys.stdout.buffer.write(done.stdout or b"")
            raise subprocess.CalledProcessError(done.returncode, command)

    def answer(self, *words: str | Path, folder: Path | None = None) -> str:
        """What it says. Raises CalledProcessError."""
        command = ["docker", *map(str, words)]
        return subprocess.run(
            command, cwd=folder, env=self._environment, check=True, text=True, stdout=subprocess.PIPE
        ).stdout.strip()

    def says(self, text: str, *words: str | Path, folder: Path | None = None) -> bool:
        """Whether it prints this before a minute is over."""
        command = ["timeout", str(_SAID_SECONDS), "docker", *map(str, words)]
        with subprocess.Popen(command, cwd=folder, env=self._environment, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            found = any(text in line for line in process.stdout)
            process.terminate()
        return found

    def has(self, image: str) -> bool:
        """Whether it is here or can be fetched."""
        return self._succeeds("image", "inspect", image) or self._succeeds("pull", "--quiet", image)

    @property
    def answers(self) -> bool:
        return shutil.which("docker") is not None and self._succeeds("version")

    def _succeeds(self, *words: str) -> bool:
        return not subprocess.run(
            ["docker", *words], env=self._environment, check=False, capture_output=True
        ).returncode


@contextmanager
def engine(folder: Path, *, install: bool) -> Iterator[Engine]:
    """`install` allows to install what is missing from Debian. Raises NoEngine."""
    running = Engine(folder / "here", None)
    if running.answers:
        yield running
        return
    if install and not (_there() and shutil.which("mmdebstrap")):
        _install()
    if not _there():
        raise NoEngine("no container engine runs here, and dockerd, docker or iptables is not installed")
    if os.geteuid() != 0:
        raise NoEngine("no container engine runs here, and only root can start one")
    with _started(folder) as own:
        yield own


@contextmanager
def _started(folder: Path) -> Iterator[Engine]:
    host = f"unix://{folder}/docker.sock"
    places = {"--data-root": "data", "--exec-root": "exec", "--pidfile": "docker.pid"}
    words = [word for flag, place in places.items() for word in (flag, str(folder / place))]
    path = shutil.which("dockerd") or "/usr/sbin/dockerd"
    environment = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}
    command = [path, *words, "--host", host]
    log = folder / "dockerd.log"
    child = Child(Program("dockerd", command, environment, folder, log, death_signal=signal.SIGTERM))
    own = Engine(folder / "own", host)
    try:
        wait_until_ready(child, lambda: own.answers, timeout=_START_SECONDS)
        yield own
    except LauncherError as error:
        raise NoEngine(f"dockerd did not start: {error}") from error
    finally:
        child.stop(_STOP_SECONDS)


def _there() -> bool:
    path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
    return all(shutil.which(program, path=path) for program in ("dockerd", "docker", "iptables"))


def _install() -> None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise NoEngine("no container engine is here, and only root can install Debian's")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "--yes", "--no-install-recommends", *_PACKAGES]):
        done = subprocess.run(["apt-get", "-qq", *words], env=quiet, check=False, capture_output=True, text=True)
        if done.returncode:
            raise NoEngine(f"apt-get {' '.join(words)} failed: {done.stderr.strip()}")

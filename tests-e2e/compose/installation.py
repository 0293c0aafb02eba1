"""One installation by docker-compose.yml, in a folder of its own, as whoever follows the README makes it."""

import json
import shutil
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stack import ADMIN_EMAIL, ADMIN_PASSWORD

from compose.engine import Engine

_ROOT = Path(__file__).parents[2]
_PROJECT = "strongroom-e2e"
_UP = ("up", "--detach", "--wait", "--pull", "never", "--no-build")


class Container:
    """What `docker inspect` tells of one."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.service = str(told["Config"]["Labels"]["com.docker.compose.service"])
        self.environment: list[str] = told["Config"]["Env"]
        self.stands_in = "strongroom.stand-in" in told["Config"]["Labels"]
        self.host: dict[str, Any] = told["HostConfig"]
        self.networks: list[str] = list(told["NetworkSettings"]["Networks"])
        self.published = [ports for ports in told["NetworkSettings"]["Ports"].values() if ports]


class Installation:
    """`docker compose` in its folder; `url` is where its gateway is published, on this machine only."""

    def __init__(self, engine: Engine, folder: Path, **settings: str) -> None:
        self._engine = engine
        self._folder = folder
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        shutil.copy(_ROOT / "docker-compose.yml", folder)
        shutil.copytree(_ROOT / "deploy", folder / "deploy", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        own = {
            "STRONGROOM_PUBLIC_URL": self.url,
            "STRONGROOM_BIND": "127.0.0.1",
            "STRONGROOM_PORT": str(port),
            "STRONGROOM_ADMIN_EMAIL": ADMIN_EMAIL,
            "STRONGROOM_ADMIN_PASSWORD": ADMIN_PASSWORD,
            # The narrow key that the stand-in for the store knows.
            "S3_ACCESS_KEY": "compose-test",
            "S3_SECRET_KEY": "compose-test-secret",
            **settings,
        }
        example = (_ROOT / "deploy/docker/.env.example").read_text()
        (folder / ".env").write_text(example + _lines(own))

    def up(self, *words: str) -> None:
        """Until all of it is healthy. Raises CalledProcessError."""
        self.compose(*_UP, *words)

    def kill(self, service: str) -> None:
        self.compose("kill", service)

    def compose(self, *words: str) -> None:
        self._engine.run("compose", "--progress", "quiet", "--project-name", _PROJECT, *words, folder=self._folder)

    def images(self) -> dict[str, str]:
        """What each service runs, those of all profiles too."""
        words = ["compose", "--project-name", _PROJECT, "--profile", "*", "config", "--format", "json"]
        services = json.loads(self._engine.answer(*words, folder=self._folder))["services"]
        return {name: str(service["image"]) for name, service in services.items()}

    def containers(self) -> list[Container]:
        """Those that are there, running or not."""
        words = ["compose", "--project-name", _PROJECT, "ps", "--all", "--quiet"]
        found = self._engine.answer(*words, folder=self._folder).split()
        return [Container(told) for told in json.loads(self._engine.answer("inspect", *found))]

    def said_by(self, service: str, *command: str) -> str:
        """What a command prints that is run in its container. Raises CalledProcessError."""
        words = ["compose", "--project-name", _PROJECT, "exec", "--no-TTY", service, *command]
        return self._engine.answer(*words, folder=self._folder)

    def secrets(self) -> list[Path]:
        return sorted(path for path in (self._folder / "secrets").rglob("*") if path.is_file())

    def until_it_says(self, service: str, text: str) -> bool:
        """Whether its log has this, now or within a while."""
        words = ["compose", "--project-name", _PROJECT, "logs", "--follow", "--no-color", service]
        return self._engine.says(text, *words, folder=self._folder)

    @contextmanager
    def behind_caddy(self) -> Iterator[tuple[str, str]]:
        """With HTTPS: the address, and the certificate (PEM) of the authority to believe. Then as it was."""
        port, other = _free_port(), _free_port()
        url = f"https://localhost:{port}"
        plain = (self._folder / ".env").read_text()
        secure = {
            "STRONGROOM_PUBLIC_URL": url,
            "STRONGROOM_TRUSTED_PROXIES": "*",
            "STRONGROOM_HTTPS_PORT": str(port),
            "STRONGROOM_HTTP_PORT": str(other),
        }
        (self._folder / ".env").write_text(plain + _lines(secure))
        try:
            self.compose("--profile", "tls", *_UP)
            yield url, self.said_by("caddy", "cat", "/data/caddy/pki/authorities/local/root.crt")
        finally:
            (self._folder / ".env").write_text(plain)

    def tell(self) -> None:
        """Prints what the containers said last."""
        self.compose("ps", "--all")
        self.compose("logs", "--tail", "40", "--no-color")

    def empty(self) -> None:
        """Nothing of it is left but its settings and its secrets."""
        self.compose("down", "--volumes", "--timeout", "20")

    def remove(self) -> None:
        self.compose("--profile", "*", "down", "--volumes", "--remove-orphans", "--timeout", "20")


def _lines(settings: Mapping[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])

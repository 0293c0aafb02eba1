"""How the gateway and each of the proxies it is compared with is run before one upstream, and what each logs.

All of them have the number of processes or threads that they choose by themselves, keep their connections to the
upstream, and tell it who the client is. Nobody spools bodies to disk: nginx passes requests on as they come, and has no
temporary files for answers. Its buffers are small by default, so there is one more with larger ones.

With an access log, each writes one line a request to a file, in the form that it has by itself: the gateway and Caddy
JSON, Traefik the common log format, nginx the combined one, HAProxy that of its `httplog`. Without, nobody writes any.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

_CONFIGURATIONS = Path(__file__).parent / "peers"
_BESIDE_PYTHON = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Site:
    """Where a proxy listens, the port of what it stands before, and a folder of its own."""

    folder: Path
    port: int
    upstream: int
    logs: bool


@dataclass(frozen=True, slots=True)
class Program:
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proxy:
    """`version` is the command that tells it. `program` writes what configuration it needs."""

    name: str
    executable: str | None
    version: Sequence[str]
    program: Callable[[Site], Program]

    def describe(self) -> str:
        """Name and version."""
        said = subprocess.run([str(self.executable), *self.version], capture_output=True, text=True, check=True)
        found = re.search(r"\d+\.\d+\.\d+", said.stdout + said.stderr)
        return f"{self.name} {found[0]}" if found else self.name


def gateway(site: Site) -> Program:
    upstream = f"http://127.0.0.1:{site.upstream}"
    return Program(
        [sys.executable, "-P", "-m", "gateway", "serve"],
        {
            "STRONGROOM_PUBLIC_URL": f"http://127.0.0.1:{site.port}",
            "STRONGROOM_LISTEN": f"127.0.0.1:{site.port}",
            "STRONGROOM_AUTH_URL": upstream,
            "STRONGROOM_FILES_URL": upstream,
            "STRONGROOM_LOG_LEVEL": "INFO" if site.logs else "WARNING",
        },
    )


def _caddy(site: Site) -> Program:
    log = f'log {{\n\t\toutput file "{site.folder}/access.log"\n\t}}' if site.logs else ""
    config = _configured(site, "Caddyfile", access_log=log)
    home = {"HOME": str(site.folder), "XDG_DATA_HOME": str(site.folder), "XDG_CONFIG_HOME": str(site.folder)}
    return Program([str(CADDY.executable), "run", "--adapter", "caddyfile", "--config", config], home)


def _traefik(site: Site) -> Program:
    log = f'accessLog:\n  filePath: "{site.folder}/access.log"' if site.logs else ""
    config = _configured(site, "traefik.yaml", access_log=log, routes=_configured(site, "traefik.routes.yaml"))
    return Program([str(TRAEFIK.executable), f"--configFile={config}"])


def _nginx(site: Site) -> Program:
    return _nginx_with(site, "")


def _nginx_with_large_buffers(site: Site) -> Program:
    return _nginx_with(site, "client_body_buffer_size 1m; proxy_buffer_size 256k; proxy_buffers 8 256k;")


def _nginx_with(site: Site, buffers: str) -> Program:
    log = f'"{site.folder}/access.log" combined' if site.logs else "off"
    config = _configured(site, "nginx.conf", access_log=log, buffers=buffers)
    return Program([str(NGINX.executable), "-p", str(site.folder), "-e", f"{site.folder}/error.log", "-c", config])


def _haproxy(site: Site) -> Program:
    log = "log stdout format raw local0" if site.logs else ""
    return Program([str(HAPROXY.executable), "-db", "-f", _configured(site, "haproxy.cfg", access_log=log)])


def _configured(site: Site, name: str, **more: str) -> str:
    """The path of a copy in the folder of the site, with these values and those of the site in it."""
    text = (_CONFIGURATIONS / name).read_text()
    for word, value in {"port": site.port, "upstream": site.upstream, "folder": site.folder, **more}.items():
        text = text.replace(f"@{word}@", str(value))
    path = site.folder / name
    path.write_text(text)
    return str(path)


def _found(name: str) -> str | None:
    """A program of the virtual environment, of the path, or from where Debian keeps servers."""
    return shutil.which(name, path=str(_BESIDE_PYTHON)) or shutil.which(name) or shutil.which(name, path="/usr/sbin")


GATEWAY = Proxy("gateway", sys.executable, (), gateway)
CADDY = Proxy("Caddy", _found("caddy"), ("version",), _caddy)
TRAEFIK = Proxy("Traefik", _found("traefik"), ("version",), _traefik)
NGINX = Proxy("nginx", _found("nginx"), ("-v",), _nginx)
NGINX_WITH_LARGE_BUFFERS = replace(NGINX, name="nginx with large buffers", program=_nginx_with_large_buffers)
HAPROXY = Proxy("HAProxy", _found("haproxy"), ("-v",), _haproxy)
PEERS = (CADDY, TRAEFIK, NGINX, HAPROXY)

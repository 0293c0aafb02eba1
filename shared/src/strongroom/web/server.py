"""Runs an ASGI application under uvicorn on the address that the settings name."""

import gc
import socket
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from strongroom.trace_export import exporting
from strongroom.web.http11 import StrictHttp11
from strongroom.web.logs import configure_logs
from strongroom.web.public_address import BehindProxies
from strongroom.web.settings import ServiceSettings
from strongroom.web.waiting import Stopping

_BACKLOG = 2048
_UNSENT = 128 * 1024  # bytes that the kernel takes from us before it can send them


_LARGEST_MESSAGE = 1024 * 1024  # of a client, in bytes


def serve(
    app: ASGIApp,
    settings: ServiceSettings,
    *,
    name: str = "service",
    http: Any = StrictHttp11,
    ws: Any = "none",
) -> None:
    """Returns after SIGTERM or SIGINT, when open requests are done or ten seconds have passed.

    `name` is told in traces. `http` makes what reads the requests of one connection, as uvicorn's own protocols do;
    `ws` the same for those that switch to WebSocket.
    """
    configure_logs(settings.log_level)
    stopping = Stopping(app)
    config = uvicorn.Config(
        BehindProxies(stopping, settings.trusted_proxies),
        http=http,
        loop="uvloop",
        ws=ws,
        ws_max_size=_LARGEST_MESSAGE,
        ws_per_message_deflate=False,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # it knows too little of them
        backlog=_BACKLOG,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=10,
    )
    with exporting(name):
        _Server(config, stopping).run(sockets=[listening_socket(settings.listen)])


class _Server(uvicorn.Server):
    """Keeps what it starts with. Tells requests that only wait to answer, before it waits for the open ones."""

    def __init__(self, config: uvicorn.Config, stopping: Stopping) -> None:
        super().__init__(config)
        self._stopping = stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # What is there now stays. Looked through again at every full collection, it would stop all requests for 0.1 s.
        gc.collect()
        gc.freeze()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping.begin()
        await super().shutdown(sockets)


def listening_socket(address: str) -> socket.socket:
    """A socket for `host:port`, or the bound one that a launcher passed on as `fd:N`."""
    host, _, port = address.rpartition(":")
    opened = socket.socket(fileno=int(port)) if host == "fd" else _bound(host, int(port))
    # Inherited by the connections. Otherwise the kernel takes up to 4 MiB for each client that stalls, and some hundred
    # of those bring it into straits (tcp_mem) in which all connections are slow.
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT)
    return opened


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    opened.bind((host.strip("[]"), port))
    opened.set_inheritable(True)
    return opened

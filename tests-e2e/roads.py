"""Ways from a client to a stack: over a connection that is cut, to file services that are killed, behind Caddy."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from app_client import App
from caddy import Authority, caddy
from cutting_proxy import Cuts, CuttingProxy
from replicas import Replica, replicas
from stack import Stack

from strongroom_embedded.ports import free_port

PREFIX = "/vault"
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Road:
    """`url` is what clients know. What they ask passes the proxy, Caddy if there is one, a gateway, a file service.

    `public_url` is what the services are told of it, and so the issuer.
    """

    url: str
    public_url: str
    stack: Stack
    proxy: CuttingProxy
    services: list[Replica]
    authority: Authority | None = None

    @property
    def trust(self) -> ssl.SSLContext | None:
        return self.authority.trust if self.authority else None

    def app(self) -> App:
        return App(self.url, self.trust)

    def kill_who_is_at_it(self) -> None:
        """The file service that takes what is sent just now. It comes back where it was."""
        before = {service.origin: _worked(service) for service in self.services}
        self.proxy.wait_until_sent(self.proxy.sent + 16 * MIB)
        busiest = max(self.services, key=lambda service: _worked(service) - before[service.origin])
        busiest.kill()
        busiest.start()


def _worked(service: Replica) -> float:
    """Seconds of a processor."""
    times = service.process.cpu_times()
    return times.user + times.system


@contextmanager
def plain_road(start: Callable[..., Stack], cuts: Cuts) -> Iterator[Road]:
    """The public address is that of the connection that is cut."""
    port = free_port()
    with CuttingProxy(port, cuts).listening() as proxy:
        url = f"http://{proxy.address}"
        stack = start(STRONGROOM_PUBLIC_URL=url).wait_until_ready()
        with replicas(stack, 2, port=port) as (_, services):
            yield Road(url, url, stack, proxy, services)


@contextmanager
def road_behind_caddy(
    start: Callable[..., Stack], cuts: Cuts, folder: Path, *, is_public: bool = True
) -> Iterator[Road]:
    """Another port, https and a path prefix. Unless it `is_public`, only Caddy knows, and tells of the prefix."""
    port, inner = free_port(), free_port()
    with CuttingProxy(port, cuts).listening() as proxy, ExitStack() as running:
        url = f"https://{proxy.address}{PREFIX}"
        public = url if is_public else f"http://127.0.0.1:{inner}"
        stack = start(STRONGROOM_PUBLIC_URL=public).wait_until_ready()
        _, services = running.enter_context(replicas(stack, 2, port=inner))
        authority = running.enter_context(
            caddy(folder, port=port, behind=inner, prefix=PREFIX, tells_prefix=not is_public)
        )
        yield Road(url, public, stack, proxy, services, authority)


@contextmanager
def prefixed_road(folder: Path, *, is_public: bool) -> Iterator[Road]:
    """Behind Caddy, with a stack of its own; cut once, by whoever sends 8 MiB."""
    started: list[Stack] = []

    def start(**options: str) -> Stack:
        started.append(Stack(folder / "data", **options))  # type: ignore[arg-type]
        return started[-1]

    try:
        with road_behind_caddy(start, Cuts(every=8 * MIB, times=1), folder, is_public=is_public) as road:
            yield road
    finally:
        for stack in started:
            stack.stop()

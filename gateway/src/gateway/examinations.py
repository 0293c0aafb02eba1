"""Asks the processes of a service now and then how they are, so that an ill one is spared requests before they fail."""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus

import structlog

from gateway.errors import UpstreamError
from gateway.inquiries import ask_at
from gateway.upstreams import Address, Upstream

log = structlog.get_logger()

_PATIENCE = 2.0


class Examinations:
    """Only where there is a choice: the one process of a service is asked for everything anyway."""

    def __init__(self, upstreams: Sequence[Upstream], *, every: float) -> None:
        self._addresses = [
            address for upstream in upstreams if len(upstream.addresses) > 1 for address in upstream.addresses
        ]
        self._every = every

    async def run(self) -> None:
        """Until it is cancelled."""
        while self._addresses:
            await asyncio.sleep(self._every)
            await asyncio.gather(*(self._examine(address) for address in self._addresses))

    async def _examine(self, address: Address) -> None:
        """A service without `/readyz` is well if it says so."""
        try:
            async with asyncio.timeout(_PATIENCE):
                status = (await ask_at(address, "/readyz")).status
        except (UpstreamError, TimeoutError):
            status = HTTPStatus.SERVICE_UNAVAILABLE
        if status < HTTPStatus.INTERNAL_SERVER_ERROR:
            address.is_well()
        else:
            log.warning("upstream.ill", address=address.origin)
            address.ban()

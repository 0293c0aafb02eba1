"""Tends the keys in the background: at once when another replica changed them, and every so many seconds."""

import asyncio
from contextlib import AbstractAsyncContextManager

import structlog

from auth_service.keys.repository import CHANNEL
from auth_service.keys.rotation import KeyRotation
from strongroom.database.notifications import Notifications
from strongroom.web.background import first_of, in_background

log = structlog.get_logger()

# Well below what REPLICAS_AGREE_AFTER allows, so that one failure more or less does not matter.
_RETRY_AFTER = 5.0


def tending(rotation: KeyRotation, notifications: Notifications, *, every: float) -> AbstractAsyncContextManager[None]:
    """`notifications` listens on CHANNEL. Whatever fails is logged and tried again, until the exit."""

    async def keep_tending(stop: asyncio.Event) -> None:
        while not stop.is_set():
            # Taken before the keys are read, so that no change falls between.
            heard = notifications.upcoming(CHANNEL)
            pause = every
            try:
                await rotation.tend()
            except Exception as error:  # nobody else could handle it; what is loaded goes on signing
                log.warning("signing_keys.not_tended", exc_info=error)
                pause = min(every, _RETRY_AFTER)
            await first_of(heard, stop, within=pause)

    return in_background(keep_tending)

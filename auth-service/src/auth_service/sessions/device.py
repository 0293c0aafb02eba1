"""Where a sign-in comes from, and the cookie by which a device is known again."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, Response

from auth_service.sessions.cookies import Cookies
from strongroom.web.parts import part

DEVICE_COOKIE = "strongroom_device"
_A_YEAR = 365 * 86_400
_LONGEST_AGENT = 400


@dataclass(frozen=True, slots=True)
class Device:
    """For the person to recognise a session by. `cookie` is what an earlier sign-in gave the device."""

    address: str | None
    user_agent: str | None
    cookie: str | None = None


async def _device(request: Request) -> Device:
    agent = request.headers.get("user-agent")
    address = request.client.host if request.client else None
    cookie = part(request.app, Cookies).get(request, DEVICE_COOKIE)
    return Device(address, agent[:_LONGEST_AGENT] if agent else None, cookie)


DeviceDep = Annotated[Device, Depends(_device)]


def mark_device(request: Request, response: Response, cookie: str) -> None:
    cookies = part(request.app, Cookies)
    cookies.put(request, response, DEVICE_COOKIE, cookie, samesite="strict", max_age=_A_YEAR)

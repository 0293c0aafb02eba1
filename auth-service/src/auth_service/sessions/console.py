"""The web console's session: its refresh token is a cookie for the token endpoint alone, which no script can read."""

from urllib.parse import urlsplit

from fastapi import Request, Response

from auth_service.access import SignedIn
from auth_service.sessions.cookies import Cookies
from strongroom.web.parts import part

# The client that the pages are which the gateway serves at its own origin. It is built in, and public.
CONSOLE = "strongroom-console"
REFRESH_COOKIE = "strongroom_refresh"
TOKEN_ENDPOINT = "/auth/token"  # noqa: S105 - a path


def presented(request: Request) -> str | None:
    return part(request.app, Cookies).get(request, REFRESH_COOKIE, path=TOKEN_ENDPOINT)


def keep(request: Request, response: Response, refresh_token: str, *, seconds: int) -> None:
    cookies = part(request.app, Cookies)
    cookies.put(
        request, response, REFRESH_COOKIE, refresh_token, samesite="strict", max_age=seconds, path=TOKEN_ENDPOINT
    )


def forget(request: Request, response: Response) -> None:
    part(request.app, Cookies).remove(request, response, REFRESH_COOKIE, path=TOKEN_ENDPOINT)


def signed_out(request: Request, response: Response, who: SignedIn) -> None:
    """For whoever has just ended their own session: if it was the console's, its cookie goes too."""
    if who.client_id == CONSOLE:
        forget(request, response)


def comes_from_our_pages(request: Request) -> bool:
    """By what browsers say and no page can (Fetch Metadata §2.3); where they do not, by the origin.

    `same-site` is not enough: another port of this host and its neighbours below the same domain are that.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    ours = urlsplit(part(request.app, Cookies).address.of(request.scope))
    return request.headers.get("origin") == f"{ours.scheme}://{ours.netloc}"

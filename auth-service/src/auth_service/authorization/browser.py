"""The cookies and pages of the authorization endpoint."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from fastapi import Request, Response

from auth_service.accounts.repository import Account
from auth_service.authorization.csrf import Csrf
from auth_service.authorization.request import AuthorizationRequest
from auth_service.pages.rendering import page
from auth_service.sessions.browser import LIFETIME

SESSION_COOKIE = "strongroom_browser"

_MEANINGS = {
    "openid": "know who you are",
    "profile": "see your name",
    "email": "see your email address",
    "account": "change your account",
    "files:read": "see and download your files",
    "files:write": "add, change and delete files",
    "admin": "administer this Strongroom, with everybody's accounts",
}


class Pages:
    """Renders for one request of one browser. `query` is what the app sent the person with."""

    def __init__(self, request: Request, csrf: Csrf, query: str) -> None:
        self._secure = request.url.scheme == "https"
        self._csrf = csrf
        self._cookie = request.cookies.get(Csrf.COOKIE) or csrf.new_cookie()
        self._query = query

    def sign_in(
        self, asked: AuthorizationRequest, *, username: str = "", trouble: str = "", status: int = 200
    ) -> Response:
        return self._page(
            "sign_in.html",
            status,
            title="Sign in",
            client_name=asked.back.client.name,
            username=username or asked.login_hint,
            trouble=trouble,
        )

    def second_factor(self, mfa_token: str, *, trouble: str = "", status: int = 200) -> Response:
        return self._page("second_factor.html", status, title="One more step", mfa_token=mfa_token, trouble=trouble)

    def consent(self, asked: AuthorizationRequest, account: Account, scope: Sequence[str]) -> Response:
        destination = urlsplit(asked.back.redirect_uri)
        target = f"{destination.scheme}:" if not destination.netloc else f"{destination.scheme}://{destination.netloc}"
        return self._page(
            "consent.html",
            200,
            (target,),
            title=f"Allow {asked.back.client.name}?",
            client_name=asked.back.client.name,
            email=account.email,
            asks=[_MEANINGS.get(one, f"use {one}") for one in scope],
            destination=target,
        )

    def _page(self, template: str, status: int, form_targets: Sequence[str] = (), **values: object) -> Response:
        token = self._csrf.token(self._cookie, self._query)
        response = page(template, status=status, form_targets=form_targets, request=self._query, csrf=token, **values)
        response.set_cookie(
            Csrf.COOKIE, self._cookie, path="/auth", httponly=True, samesite="strict", secure=self._secure
        )
        return response

    def remember(self, response: Response, session: str) -> None:
        """`lax`, not `strict`: the app's link to us comes from another site, and must find the person signed in."""
        response.set_cookie(
            SESSION_COOKIE,
            session,
            max_age=int(LIFETIME.total_seconds()),
            path="/auth",
            httponly=True,
            samesite="lax",
            secure=self._secure,
        )

    def forget(self, response: Response) -> None:
        response.delete_cookie(SESSION_COOKIE, path="/auth")

"""The cookies and pages of the authorization endpoint."""

from collections.abc import Sequence

from fastapi import Request, Response

from auth_service.accounts.repository import Account
from auth_service.authorization.csrf import Csrf
from auth_service.authorization.request import AuthorizationRequest
from auth_service.pages.rendering import page
from auth_service.sessions.browser import LIFETIME
from auth_service.sessions.cookies import Cookies
from strongroom.web.parts import part

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
        self._request = request
        self._cookies = part(request.app, Cookies)
        self._csrf = csrf
        self._cookie = self._cookies.get(request, Csrf.COOKIE) or csrf.new_cookie()
        self._query = query

    def sign_in(
        self, asked: AuthorizationRequest, *, username: str = "", trouble: str = "", status: int = 200
    ) -> Response:
        return self._page(
            asked,
            "sign_in.html",
            status,
            title="Sign in",
            client_name=asked.back.client.name,
            username=username or asked.login_hint,
            trouble=trouble,
        )

    def second_factor(
        self, asked: AuthorizationRequest, mfa_token: str, *, trouble: str = "", status: int = 200
    ) -> Response:
        return self._page(
            asked, "second_factor.html", status, title="One more step", mfa_token=mfa_token, trouble=trouble
        )

    def consent(self, asked: AuthorizationRequest, account: Account, scope: Sequence[str]) -> Response:
        return self._page(
            asked,
            "consent.html",
            200,
            title=f"Allow {asked.back.client.name}?",
            client_name=asked.back.client.name,
            email=account.email,
            asks=[_MEANINGS.get(one, f"use {one}") for one in scope],
            destination=asked.back.target,
        )

    def _page(self, asked: AuthorizationRequest, template: str, status: int, **values: object) -> Response:
        token = self._csrf.token(self._cookie, self._query)
        # Every page, since whoever has allowed the app before goes on to it from the sign-in form.
        targets = (asked.back.form_target,)
        response = page(template, status=status, form_targets=targets, request=self._query, csrf=token, **values)
        self._cookies.put(self._request, response, Csrf.COOKIE, self._cookie, samesite="lax")
        return response

    def remember(self, response: Response, session: str) -> None:
        """`lax`, not `strict`: the app's link to us comes from another site, and must find the person signed in."""
        age = int(LIFETIME.total_seconds())
        self._cookies.put(self._request, response, SESSION_COOKIE, session, samesite="lax", max_age=age)

    def forget(self, response: Response) -> None:
        self._cookies.remove(self._request, response, SESSION_COOKIE)

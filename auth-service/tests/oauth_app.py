"""An app that people sign in to with Strongroom, or a program with credentials of its own."""

import base64
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import httpx2
from auth_client import AuthClient
from browser import Browser, Page

REDIRECT = "https://app.example/back?kept=1"
SCOPES = ["openid", "profile", "email", "files:read", "admin"]


@dataclass
class OAuthApp:
    auth: AuthClient
    credentials: dict[str, str]
    redirect_uri: str = REDIRECT
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    @property
    def client_id(self) -> str:
        return self.credentials["client_id"]

    def request(self, **changes: str | None) -> dict[str, str]:
        """The authorization request; a change to None leaves that parameter out."""
        challenge = base64.urlsafe_b64encode(sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid profile email files:read",
            "state": "st&te",
            "nonce": "n0nce",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **changes,
        }
        return {name: value for name, value in asked.items() if value is not None}

    def link(self, **changes: str | None) -> str:
        return f"{self.auth.origin}/auth/authorize?{urlencode(self.request(**changes))}"

    async def consent_page(self, browser: Browser, **changes: str | None) -> Page:
        page = await browser.arrive(self.link(**changes))
        return await browser.sign_in(page) if page.asks_for_password else page

    async def code(self, browser: Browser, **changes: str | None) -> str:
        """What a willing person's browser brings back."""
        page = await self.consent_page(browser, **changes)
        return (await browser.allow(page) if page.asks_for_consent else page).told["code"]

    async def redeem(self, code: str, **changes: str | None) -> httpx2.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier,
            **self.credentials,
            **changes,
        }
        return await self.auth.token(**{name: value for name, value in form.items() if value is not None})

    async def tokens(self, browser: Browser, **changes: str | None) -> dict[str, Any]:
        answer = await self.redeem(await self.code(browser, **changes))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def refresh(self, refresh_token: str, **changes: str) -> httpx2.Response:
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token, **self.credentials, **changes}
        return await self.auth.token(**form)

    async def introspect(self, token: str, **changes: str | None) -> httpx2.Response:
        return await self._ask_about(token, "introspect", changes)

    async def revoke(self, token: str, **changes: str | None) -> httpx2.Response:
        return await self._ask_about(token, "revoke", changes)

    async def _ask_about(self, token: str, what: str, changes: dict[str, str | None]) -> httpx2.Response:
        form = {"token": token, **self.credentials, **changes}
        sent = {name: value for name, value in form.items() if value is not None}
        return await self.auth.http.post(f"{self.auth.origin}/auth/{what}", data=sent)


async def register_client(auth: AuthClient, admin: str, **wanted: Any) -> dict[str, Any]:
    """As it is answered, secret and all."""
    body = {"name": "Photo Printer", "scopes": SCOPES, "redirect_uris": [REDIRECT], **wanted}
    answer = await auth.send("POST", "/auth/clients", admin, body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def register_app(auth: AuthClient, admin: str, **wanted: Any) -> OAuthApp:
    client = await register_client(auth, admin, **wanted)
    credentials = {name: client[name] for name in ("client_id", "client_secret") if client[name]}
    return OAuthApp(auth, credentials, client["redirect_uris"][0] if client["redirect_uris"] else "")

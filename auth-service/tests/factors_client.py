"""What a person does with their second factors."""

import time
from dataclasses import dataclass
from typing import Any

import httpx2
import pyotp
from auth_client import PASSWORD, AuthClient
from authenticator import Authenticator

KNOWN = {"current_password": PASSWORD}


@dataclass(frozen=True, slots=True)
class App:
    """An authenticator app, set up with the code of `step`; so the code of the next step is the first to sign in with.

    Both are good for as long as a test takes, whenever it begins.
    """

    secret: str
    step: int
    recovery_codes: list[str]

    def code(self, later: int = 1) -> str:
        return pyotp.HOTP(self.secret).at(self.step + later)


async def set_up_app(auth: AuthClient, token: str) -> App:
    begun = await auth.send("POST", "/auth/mfa/totp", token, KNOWN)
    assert begun.status_code == 201, begun.text
    secret, step = begun.json()["secret"], int(time.time()) // 30
    code = pyotp.HOTP(secret).at(step)
    confirmed = await auth.send("POST", "/auth/mfa/totp/confirm", token, {"code": code})
    assert confirmed.status_code == 200, confirmed.text
    return App(secret, step, confirmed.json()["recovery_codes"])


async def creation_options(auth: AuthClient, token: str) -> dict[str, Any]:
    answer = await auth.send("POST", "/auth/mfa/passkeys/options", token, KNOWN)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def offer_passkey(auth: AuthClient, token: str, credential: dict[str, Any]) -> httpx2.Response:
    return await auth.send("POST", "/auth/mfa/passkeys", token, {"name": "My phone", "credential": credential})


async def add_passkey(auth: AuthClient, token: str, passkey: Authenticator) -> dict[str, Any]:
    answer = await offer_passkey(auth, token, passkey.create(await creation_options(auth, token)))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def send_as_is(auth: AuthClient, path: str, json: str, access_token: str | None = None) -> int:
    """Whatever JSON can say, also what no text in UTF-8 can."""
    headers = {"Content-Type": "application/json"} | (
        {"Authorization": f"Bearer {access_token}"} if access_token else {}
    )
    return (await auth.http.post(auth.origin + path, content=json, headers=headers)).status_code


async def mfa_token(auth: AuthClient, **credentials: str) -> str:
    answer = await auth.sign_in(**credentials)
    assert (answer.status_code, answer.json().get("error")) == (403, "mfa_required"), answer.text
    return str(answer.json()["mfa_token"])


async def events(auth: AuthClient, admin: str, account_id: str) -> list[str]:
    """The newest first."""
    page = (await auth.get(f"/auth/audit?account_id={account_id}", admin)).json()
    return [one["event"] for one in page["items"]]

"""Signs people in at our pages: password, second factor, and the cookie that remembers it."""

from dataclasses import dataclass

from auth_service.accounts.sign_in import SignIn
from auth_service.mfa.errors import SecondFactorFailed
from auth_service.mfa.service import SecondFactors
from auth_service.sessions.browser import BrowserSessions
from auth_service.sessions.device import Device
from strongroom.database.attempts import TooManyAttempts

# Stands where a client id would: what was begun on a page is not finished at the token endpoint, nor the other way.
_PAGES = "pages"
_WRONG = "The email address or the password is not right, or there were too many attempts. Wait before you try again."
_WRONG_CODE = "This code is not right, or it has been used already."
_ONLY_PASSKEY = "This account signs in with a passkey, which this page cannot ask for."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Values of the cookies to set."""

    browser: str
    device: str | None = None


@dataclass(frozen=True, slots=True)
class CodeNeeded:
    mfa_token: str
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    trouble: str


class PageSignIn:
    def __init__(self, sign_in: SignIn, second_factors: SecondFactors, browsers: BrowserSessions) -> None:
        self._sign_in = sign_in
        self._second_factors = second_factors
        self._browsers = browsers

    async def password(self, username: str, password: str, device: Device) -> SignedIn | CodeNeeded | Refused:
        try:
            signed_in = await self._sign_in.authenticate(username, password, device)
        except TooManyAttempts:
            return Refused(_WRONG)
        if signed_in is None:
            return Refused(_WRONG)
        methods = await self._second_factors.needed(signed_in.account.id)
        if not methods:
            account = signed_in.account
            browser = await self._browsers.open(account.id, account.password_hash)
            return Refused(_WRONG) if browser is None else SignedIn(browser, signed_in.device_cookie)
        if not {"totp", "recovery_code"} & set(methods):
            return Refused(_ONLY_PASSKEY)
        return CodeNeeded(await self._second_factors.challenge(signed_in.account.id, {"client_id": _PAGES}))

    async def code(self, mfa_token: str, code: str) -> SignedIn | CodeNeeded:
        try:
            redeemed = await self._second_factors.redeem(mfa_token, code=code)
        except (SecondFactorFailed, TooManyAttempts):
            return CodeNeeded(mfa_token, _WRONG_CODE)
        if redeemed.data.get("client_id") != _PAGES:
            return CodeNeeded(mfa_token, _WRONG_CODE)
        browser = await self._browsers.open(redeemed.account_id, redeemed.password_hash)
        return CodeNeeded(mfa_token, _WRONG_CODE) if browser is None else SignedIn(browser)

"""Proves by password who somebody is, and slows guessing down without locking the owner out."""

import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta

from auth_service.accounts import repository
from auth_service.accounts.emails import parse_email
from auth_service.accounts.errors import InvalidEmail
from auth_service.accounts.repository import Account
from auth_service.sessions.device import Device
from auth_service.sessions.service import Sessions
from strongroom.database import Database
from strongroom.database.attempts import Attempts, Limit, TooManyAttempts
from strongroom.passwords import Passwords

# One address may be a whole school behind one router, so it is given more room than one account.
_FROM_ONE_ADDRESS = Limit(free=50, first=timedelta(seconds=1), longest=timedelta(minutes=5))
_LOOPBACK = ("127.", "::1")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`device_cookie` marks the device as one that this account was signed in on."""

    account: Account
    device_cookie: str


class SignIn:
    """Attempts are counted per account and device, and per address.

    A device that has signed in to the account before, by its cookie or by its address, has a count of its own; all
    others share one. So a stranger who guesses slows down strangers, and not the owner (OWASP "device cookies").
    """

    def __init__(
        self, database: Database, passwords: Passwords, attempts: Attempts, sessions: Sessions, cookie_key: bytes
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._attempts = attempts
        self._sessions = sessions
        self._cookie_key = cookie_key

    async def authenticate(self, email: str, password: str, device: Device) -> SignedIn | None:
        """None if unknown, wrong, or disabled: they cannot be told apart, nor timed apart. Raises TooManyAttempts.

        A refused attempt takes as long as a judged one, and a right password in it is of no use.
        """
        key = _key(email)
        async with self._database.reading() as connection:
            account = await repository.by_email(connection, key)
        what = ("password", key, await self._bucket(account, device))
        try:
            await self._begin(what, device)
        except TooManyAttempts:
            await self._passwords.verify(password, None)
            raise
        matches, upgraded = await self._passwords.verify(password, account.password_hash if account else None)
        if account is None or not matches or not account.enabled:
            return None
        await self._succeeded(what, device)
        if upgraded:
            return await self._upgraded(account, password, upgraded)
        return SignedIn(account, self._cookie(account))

    async def _begin(self, what: tuple[str, ...], device: Device) -> None:
        if _is_remote(device):
            await self._attempts.begin("sign-in", str(device.address), limit=_FROM_ONE_ADDRESS)
        await self._attempts.begin(*what)

    async def _succeeded(self, what: tuple[str, ...], device: Device) -> None:
        await self._attempts.succeeded(*what)
        if _is_remote(device):
            # Only this one: with an account of their own, somebody could wipe out what they failed at elsewhere.
            await self._attempts.forgive("sign-in", str(device.address))

    async def _bucket(self, account: Account | None, device: Device) -> str:
        if account is None:
            return "strangers"
        nonce, _, mac = (device.cookie or "").partition(".")
        if mac and hmac.compare_digest(mac.encode(), self._mac(account, nonce).encode()):
            return f"cookie {nonce}"
        if device.address and await self._sessions.is_known_address(account.id, device.address):
            return f"address {device.address}"
        return "strangers"

    def _cookie(self, account: Account) -> str:
        nonce = secrets.token_urlsafe(16)
        return f"{nonce}.{self._mac(account, nonce)}"

    def _mac(self, account: Account, nonce: str) -> str:
        return hmac.new(self._cookie_key, f"{account.id} {nonce}".encode(), "sha256").hexdigest()

    async def _upgraded(self, account: Account, password: str, hashed: str) -> SignedIn | None:
        async with self._database.begin() as tx:
            mine = await repository.upgrade_password_hash(tx, account, hashed)
            current = replace(account, password_hash=hashed) if mine else await repository.by_id(tx, account.id)
        if current is None:
            return None
        # Another sign-in may have upgraded it meanwhile, or the person may have chosen another password.
        matches = mine or (await self._passwords.verify(password, current.password_hash))[0]
        return SignedIn(current, self._cookie(current)) if matches else None


def _key(email: str) -> str:
    try:
        return parse_email(email).key
    except InvalidEmail:
        return ""  # no account has it; the password is checked all the same, for the time it takes


def _is_remote(device: Device) -> bool:
    """A client on this very machine has no limit by address: it would be one for all tools together."""
    return device.address is not None and not device.address.startswith(_LOOPBACK)

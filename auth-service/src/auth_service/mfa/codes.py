"""Time-based codes (RFC 6238) and recovery codes, as pure computations."""

import base64
import hmac
import secrets
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import pyotp

_STEP_SECONDS = 30
_STEPS_FORGIVEN = (0, -1, 1)  # clocks differ, and people type slowly
_RECOVERY_CODES = 10
_RECOVERY_BYTES = 15


def new_secret() -> str:
    """160 random bits in base32."""
    return pyotp.random_base32(32)


def otpauth_uri(secret: str, account: str) -> str:
    """What an authenticator app reads as a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name="Strongroom")


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is. A step is good once, so the caller remembers it."""
    totp = pyotp.TOTP(secret)
    current = int(now.timestamp()) // _STEP_SECONDS
    matching = [
        current + shift
        for shift in _STEPS_FORGIVEN
        if hmac.compare_digest(totp.generate_otp(current + shift).encode(), code.encode())
    ]
    return matching[0] if matching else None


def new_recovery_codes() -> list[str]:
    """Ten codes of 120 random bits: too many to guess, also for who has the hashes, so plain ones keep them."""
    return [_grouped(secrets.token_bytes(_RECOVERY_BYTES)) for _ in range(_RECOVERY_CODES)]


def _grouped(random: bytes) -> str:
    text = base64.b32encode(random).decode().lower()
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def recovery_digest(account_id: UUID, code: str) -> bytes:
    """However it was typed: case, spaces and dashes do not matter.

    With the account in it, whoever steals the table must search for each account anew.
    """
    typed = "".join(code.lower().split()).replace("-", "")
    return sha256(account_id.bytes + typed.encode()).digest()

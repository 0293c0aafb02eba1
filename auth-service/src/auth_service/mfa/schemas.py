"""Second factors on the wire."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, Field, SecretStr

from auth_service.accounts.schemas import Name
from auth_service.mfa.passkey_repository import Passkey
from auth_service.mfa.repository import Factors


class Confirmation(BaseModel):
    """A stolen access token alone must not change who can sign in."""

    current_password: SecretStr = Field(max_length=1024)


class FactorsOut(BaseModel):
    totp: bool
    passkeys: int
    recovery_codes_left: int

    @classmethod
    def of(cls, factors: Factors) -> Self:
        return cls(totp=factors.totp, passkeys=factors.passkeys, recovery_codes_left=factors.recovery_codes)


class TotpSetup(BaseModel):
    secret: str = Field(description="Base32, for typing in")
    otpauth_uri: str = Field(description="For a QR code")


class TotpCode(BaseModel):
    code: str = Field(max_length=20)


class RecoveryCodes(BaseModel):
    recovery_codes: list[str] = Field(
        description="Told this once, each good once; empty where some are left from an earlier factor"
    )


class NewPasskey(BaseModel):
    name: Name = Field(min_length=1)
    credential: dict[str, Any] = Field(description="What `navigator.credentials.create` gave, as JSON")


class PasskeyOut(BaseModel):
    id: UUID
    name: str
    created_at: datetime
    last_used_at: datetime | None

    @classmethod
    def of(cls, passkey: Passkey) -> Self:
        return cls(id=passkey.id, name=passkey.name, created_at=passkey.created_at, last_used_at=passkey.last_used_at)


class AddedPasskey(PasskeyOut, RecoveryCodes):
    """With an account's first factor come its recovery codes."""


class PasskeyRequest(BaseModel):
    passkey_token: str = Field(description="To come back to the token endpoint with, grant type `passkey`")
    options: dict[str, Any] = Field(description="For `navigator.credentials.get`")


class MfaToken(BaseModel):
    mfa_token: str = Field(max_length=200)

"""Placeholder until the capability is written: nobody has a second factor."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from auth_service.mfa.errors import SecondFactorFailed


@dataclass(frozen=True, slots=True)
class Redeemed:
    account_id: UUID
    data: dict[str, str]


class SecondFactors:
    async def needed(self, account_id: UUID) -> tuple[str, ...]:
        return ()

    async def challenge(self, account_id: UUID, data: dict[str, str]) -> str:
        raise SecondFactorFailed

    async def redeem(
        self, mfa_token: str, *, code: str | None = None, passkey: dict[str, Any] | None = None
    ) -> Redeemed:
        raise SecondFactorFailed

    async def sign_in_with_passkey(self, passkey_token: str, credential: dict[str, Any]) -> UUID:
        raise SecondFactorFailed

"""Addresses of files on the wire."""

from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from file_service.addresses.service import Address, Wanted
from strongroom.revoked import LONGEST_GRANT


class AddressTerms(BaseModel):
    # What is not understood could have been a limit, and the address would go out without it.
    model_config = ConfigDict(extra="forbid")

    version: int | None = Field(default=None, ge=1, le=2**31 - 1, description="Left out: the one that is current now")
    disposition: Literal["attachment", "inline"] = Field(
        default="attachment", description="`inline` shows pictures, audio, video, plain text and PDF; all else is saved"
    )
    expires_in: int = Field(default=300, ge=1, le=LONGEST_GRANT, description="Seconds")

    def wanted(self) -> Wanted:
        return Wanted(self.version, self.disposition == "inline", self.expires_in)


class AddressOut(BaseModel):
    url: str = Field(description="To GET or HEAD without a token: whoever knows it needs nothing else")
    expires_at: datetime

    @classmethod
    def of(cls, address: Address, our_address: str) -> Self:
        return cls(url=f"{our_address}/s/d/{address.sealed}", expires_at=address.expires_at)

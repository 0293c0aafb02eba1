"""Share links on the wire."""

from datetime import UTC, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, SecretStr

from file_service.links.passwords import LONGEST_PASSWORD
from file_service.links.repository import Link
from file_service.links.service import NewLink, Terms

_LARGEST_COUNT = 2**31 - 1


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("must be a year that there is in UTC too") from error


def _encodable(password: SecretStr) -> SecretStr:
    try:
        password.get_secret_value().encode()
    except UnicodeEncodeError as error:
        raise ValueError("must consist of whole characters") from error
    return password


class LinkTerms(BaseModel):
    # What is not understood could have been a limit, and the link would go out without it.
    model_config = ConfigDict(extra="forbid")

    expires_at: Annotated[AwareDatetime, AfterValidator(_in_utc)] | None = Field(
        default=None, description="With its offset from UTC; left out, the link does not expire"
    )
    password: Annotated[SecretStr, AfterValidator(_encodable)] | None = Field(
        default=None, min_length=1, max_length=LONGEST_PASSWORD
    )
    max_downloads: int | None = Field(default=None, ge=1, le=_LARGEST_COUNT)

    def terms(self) -> Terms:
        password = None if self.password is None else self.password.get_secret_value()
        return Terms(self.expires_at, password, self.max_downloads)


class FolderLinkTerms(LinkTerms):
    folder: str = Field(max_length=1025, description="The full path in the owner's tree", examples=["reports/2026"])


class LinkOut(BaseModel):
    id: UUID
    file_id: UUID | None = Field(description="Null for a link to a folder")
    folder: str | None = Field(description="Null for a link to a file")
    has_password: bool
    expires_at: datetime | None
    max_downloads: int | None
    downloads: int = Field(description="Counted for links that have a limit")
    created_at: datetime

    @classmethod
    def of(cls, link: Link) -> Self:
        return cls(
            id=link.id,
            file_id=link.file_id,
            folder=link.folder,
            has_password=link.password_hash is not None,
            expires_at=link.expires_at,
            max_downloads=link.max_downloads,
            downloads=link.downloads,
            created_at=link.created_at,
        )


class NewLinkOut(LinkOut):
    url: str = Field(description="Shown this once; only a hash of it is kept")

    @classmethod
    def of_new(cls, made: NewLink, our_address: str) -> Self:
        return cls(**LinkOut.of(made.link).model_dump(), url=f"{our_address}/s/{made.token}")

"""Shares on the wire."""

from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel

from file_service.files.schemas import FileOut
from file_service.sharing.repository import Share, SharedFile

Permission = Literal["read", "write"]


class NewShare(BaseModel):
    account_id: UUID
    permission: Permission

    @property
    def may_write(self) -> bool:
        return self.permission == "write"


class ShareOut(BaseModel):
    id: UUID
    file_id: UUID
    account_id: UUID
    permission: Permission
    created_at: datetime

    @classmethod
    def of(cls, share: Share) -> Self:
        return cls(
            id=share.id,
            file_id=share.file_id,
            account_id=share.grantee_id,
            permission=_permission(share),
            created_at=share.created_at,
        )


class SharedFileOut(FileOut):
    """A file of somebody else's."""

    owner_id: UUID
    permission: Permission
    shared_at: datetime
    share_id: UUID

    @classmethod
    def of_shared(cls, shared: SharedFile) -> Self:
        return cls(
            **FileOut.of(shared.file).model_dump(),
            owner_id=shared.share.owner_id,
            permission=_permission(shared.share),
            shared_at=shared.share.created_at,
            share_id=shared.share.id,
        )


def _permission(share: Share) -> Permission:
    return "write" if share.may_write else "read"

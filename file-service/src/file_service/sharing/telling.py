"""Tells of shares in the logs of the files' owners, in the form of `ShareOut`."""

from uuid import UUID

from file_service.events import repository as events
from strongroom.database import Transaction

CREATED = "share.created"
UPDATED = "share.updated"
DELETED = "share.deleted"  # told before it is

_ABOUT = f"""
select file.path, cast(null as text) as previous_path, cast(json_build_object(
    'id', share.id, 'file_id', share.file_id, 'account_id', share.grantee_id,
    'permission', case when share.may_write then 'write' else 'read' end,
    'created_at', {events.moment("share.created_at")}
) as text) as data
from files.shares share join files.files file on file.id = share.file_id
where share.owner_id = :owner and share.id = :share
"""  # noqa: S608 - nothing in it comes from outside


async def tell(tx: Transaction, owner: UUID, kind: str, share_id: UUID) -> None:
    """The owner is to be locked."""
    await events.append_each(tx, owner, kind, _ABOUT, share=share_id)

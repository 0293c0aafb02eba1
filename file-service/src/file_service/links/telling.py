"""Tells of share links in their owners' logs, in the form of `LinkOut`: nobody could open one with it."""

from collections.abc import Sequence
from uuid import UUID

from file_service.events import repository as events
from strongroom.database import Transaction

CREATED = "link.created"
DELETED = "link.deleted"  # told before it is

_ABOUT = f"""
select coalesce(file.path, link.folder || '/') as path, cast(null as text) as previous_path, cast(json_build_object(
    'id', link.id, 'file_id', link.file_id, 'folder', link.folder, 'has_password', link.password_hash is not null,
    'expires_at', {events.moment("link.expires_at")}, 'max_downloads', link.max_downloads,
    'downloads', link.downloads, 'created_at', {events.moment("link.created_at")}
) as text) as data
from files.links link left join files.files file on file.id = link.file_id
where link.owner_id = :owner and link.id = any(cast(:ids as uuid[]))
"""  # noqa: S608 - nothing in it comes from outside


async def tell(tx: Transaction, owner: UUID, kind: str, link_ids: Sequence[UUID]) -> None:
    """One event for each that is the owner's, who is to be locked."""
    if link_ids:
        await events.append_each(tx, owner, kind, _ABOUT, ids=list(link_ids))

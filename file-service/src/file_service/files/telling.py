"""Tells of files in their owners' logs: each as it is at that moment of the transaction, in the form of `FileOut`."""

from collections.abc import Sequence
from uuid import UUID

from file_service.events import repository as events
from strongroom.database import Transaction

CREATED = "file.created"
UPDATED = "file.updated"
TRASHED = "file.trashed"
RESTORED = "file.restored"  # out of the trash
DELETED = "file.deleted"  # for good; told before it is

_ABOUT = f"""
select path, {{previous}} as previous_path, cast(json_build_object(
    'id', id, 'filename', substring(path from '[^/]*$'), 'path', path, 'size', size, 'content_type', content_type,
    'sha256', encode(sha256, 'hex'), 'version', version, 'tags', tags, 'metadata', metadata,
    'created_at', {events.moment("created_at")}, 'updated_at', {events.moment("updated_at")}
) as text) as data
from files.files where id = any(cast(:ids as uuid[]))
"""  # noqa: S608 - nothing in it comes from outside

_STAYED = _ABOUT.format(previous="cast(null as text)")
_MOVED = _ABOUT.format(previous="cast(:source as text) || substr(path, cast(:behind as integer))")


async def tell(tx: Transaction, owner: UUID, kind: str, file_ids: Sequence[UUID]) -> None:
    """One event each, in the order of their paths, in one statement however many. The owner is to be locked."""
    if file_ids:
        await events.append_each(tx, owner, kind, _STAYED, ids=list(file_ids))


async def tell_moved(tx: Transaction, owner: UUID, file_ids: Sequence[UUID], source: str, destination: str) -> None:
    """As `tell`: they were at paths that began with `source`, in place of `destination`."""
    if file_ids:
        behind = len(destination) + 1
        await events.append_each(tx, owner, UPDATED, _MOVED, ids=list(file_ids), source=source, behind=behind)

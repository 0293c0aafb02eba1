"""Tells in an owner's log that a parser is done with the current version of a file, and whether it succeeded."""

from file_service.derivations.repository import Derivation
from file_service.events import repository as events
from strongroom.database import Transaction

DONE = "derivation.done"
FAILED = "derivation.failed"

_ABOUT = f"""
select file.path, cast(null as text) as previous_path, cast(json_build_object(
    'file_id', file.id, 'path', file.path, 'version', file.version, 'name', one.parser, 'state', one.state,
    'reason', one.reason, 'detail', one.detail, 'finished_at', {events.moment("one.finished_at")}
) as text) as data
from files.derivations one
join files.file_versions version on version.object_key = one.object_key
join files.files file on file.id = version.file_id and file.version = version.version
where file.owner_id = :owner and one.object_key = :object_key and one.parser = :parser and one.state <> 'waiting'
"""  # noqa: S608 - nothing in it comes from outside


async def tell(tx: Transaction, one: Derivation, kind: str) -> None:
    """The owner is to be locked. Nothing is told where another version is the current one by now."""
    await events.append_each(tx, one.owner_id, kind, _ABOUT, object_key=one.object_key, parser=one.parser)

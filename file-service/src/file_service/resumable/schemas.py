"""Resumable uploads on the wire: everything but the bytes is in headers."""

import re
from collections.abc import Collection
from datetime import UTC
from email.utils import format_datetime
from urllib.parse import urlsplit
from uuid import UUID

from starlette.datastructures import Headers

from file_service.resumable.creation import Creation
from file_service.resumable.errors import MalformedHeader, PartialMissing
from file_service.resumable.metadata import parse_metadata, path_in, type_in
from file_service.resumable.protocol import PATH
from file_service.resumable.repository import PARTIAL, Upload
from file_service.uploads.content_types import declared_type

_NUMBER = re.compile(r"[0-9]{1,18}")
_FINAL = "final;"
_ADDRESS = re.compile(rf"{PATH}/([0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}})")


def sole(headers: Headers, name: str) -> str | None:
    """Raises MalformedHeader if it is there more than once: which of them counts?"""
    values = headers.getlist(name)
    if len(values) > 1:
        raise MalformedHeader(f"{name} is there twice")
    return values[0].strip() if values else None


def number(headers: Headers, name: str) -> int | None:
    """Raises MalformedHeader."""
    value = sole(headers, name)
    if value is not None and not _NUMBER.fullmatch(value):
        raise MalformedHeader(f"{name} is a number of bytes")
    return None if value is None else int(value)


def offset(headers: Headers) -> int:
    """Raises MalformedHeader."""
    found = number(headers, "Upload-Offset")
    if found is None:
        raise MalformedHeader("Upload-Offset is missing")
    return found


def creation(headers: Headers, our_addresses: Collection[str]) -> Creation:
    """`our_addresses` are those that a `Location` may have begun with.

    Raises MalformedHeader, MalformedMetadata, InvalidPath, PartialMissing.
    """
    metadata = sole(headers, "Upload-Metadata")
    concat = sole(headers, "Upload-Concat")
    sent = parse_metadata(metadata)
    partials = _partials(concat, our_addresses)
    return Creation(
        path=None if concat == PARTIAL else path_in(sent),
        declared_type=declared_type(type_in(sent)),
        metadata=metadata,
        concat=concat,
        partials=partials,
        length=_length(headers, is_final=bool(partials)),
    )


def _length(headers: Headers, *, is_final: bool) -> int | None:
    length, deferred = number(headers, "Upload-Length"), sole(headers, "Upload-Defer-Length")
    if deferred not in {None, "1"}:
        raise MalformedHeader("Upload-Defer-Length is 1 or is left out")
    if is_final:
        if length is not None or deferred is not None:
            raise MalformedHeader("The length of a final upload is that of its partial uploads")
    elif (length is None) == (deferred is None):
        raise MalformedHeader("An upload has either Upload-Length or Upload-Defer-Length")
    return length


def _partials(concat: str | None, our_addresses: Collection[str]) -> tuple[UUID, ...]:
    if concat is None or concat == PARTIAL:
        return ()
    addresses = concat.removeprefix(_FINAL).split()
    if not concat.startswith(_FINAL) or not addresses:
        raise MalformedHeader("Upload-Concat is `partial`, or `final;` and the addresses of partial uploads")
    return tuple(_id_in(address, our_addresses) for address in addresses)


def _id_in(address: str, our_addresses: Collection[str]) -> UUID:
    """Of a partial upload at its `Location`, with or without the origin and the public prefix."""
    for ours in ("", *our_addresses):
        for beginning in (ours, urlsplit(ours).path):
            if match := _ADDRESS.fullmatch(address.removeprefix(beginning)):
                return UUID(match[1])
    raise PartialMissing


def location(upload: Upload, our_address: str) -> str:
    return f"{our_address}{PATH}/{upload.id}"


def progress(upload: Upload) -> dict[str, str]:
    """What every answer about an upload tells."""
    told = {} if upload.is_final and not upload.is_finished else {"Upload-Offset": str(upload.received)}
    if upload.file_id is not None:
        return {**told, "Strongroom-File": str(upload.file_id)}
    return {**told, "Upload-Expires": format_datetime(upload.expires_at.astimezone(UTC), usegmt=True)}


def description(upload: Upload) -> dict[str, str]:
    """What HEAD tells."""
    told = {**progress(upload), "Cache-Control": "no-store"}
    if upload.length is None:
        told["Upload-Defer-Length"] = "1"
    else:
        told["Upload-Length"] = str(upload.length)
    if upload.metadata is not None:
        told["Upload-Metadata"] = upload.metadata
    if upload.concat is not None:
        told["Upload-Concat"] = upload.concat
    return told

"""Remembers the SHA-256 of what has come of an upload, as long as this process has seen all of it.

It cannot be written down (ADR 0014), so what another process or a crash interrupted is read again at the end.
"""

from collections import OrderedDict
from hashlib import sha256
from typing import Any
from uuid import UUID

from file_service.resumable.repository import Upload

_MOST = 10_000  # of 200 bytes or so each


class RunningDigest:
    """Of one request's upload. None is known where its beginning is not."""

    def __init__(self, known: Any, received: int) -> None:
        self._before = known
        self._from = received
        self._now = None if known is None else known.copy()
        self._to = received

    def update(self, piece: bytes) -> None:
        self._to += len(piece)
        if self._now is not None:
            self._now.update(piece)

    def at(self, received: int) -> Any:
        """Where the request began, or where it has got to; nothing is known of what lies between."""
        return {self._from: self._before, self._to: self._now}.get(received)


class RunningDigests:
    def __init__(self, *, most: int = _MOST) -> None:
        self._most = most
        self._known: OrderedDict[UUID, tuple[int, Any]] = OrderedDict()

    def resume(self, upload: Upload) -> RunningDigest:
        return RunningDigest(self._at(upload), upload.received)

    def keep(self, upload: Upload, digest: RunningDigest) -> None:
        """`upload` is as it is recorded: what is stored of it never changes, so neither does its digest."""
        known = digest.at(upload.received)
        self._known.pop(upload.id, None)
        if known is not None:
            self._known[upload.id] = (upload.received, known)
        while len(self._known) > self._most:
            self._known.popitem(last=False)

    def of(self, upload: Upload) -> bytes | None:
        """Of all that is stored of it."""
        known = self._at(upload)
        return None if known is None else known.digest()

    def forget(self, upload: Upload) -> None:
        self._known.pop(upload.id, None)

    def _at(self, upload: Upload) -> Any:
        if upload.received == 0:
            return sha256()
        received, known = self._known.get(upload.id, (0, None))
        return known if received == upload.received else None

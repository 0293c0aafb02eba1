"""Files: finding, reading, putting, changing and removing them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from strongroom.client.connection import Connection, Query, chunks
from strongroom.client.contents import AnyFile, AsyncContents, file_address
from strongroom.client.downloading import Downloading
from strongroom.client.errors import NotFound
from strongroom.client.file_models import File, FoundFile, Usage, Version
from strongroom.client.paths import normal
from strongroom.client.progress import Progress
from strongroom.client.sources import Source
from strongroom.client.upload_state import UploadStates
from strongroom.client.uploading import Uploading
from strongroom.client.wire import Wire


class _Emptied(Wire):
    file_count: int


class AsyncFiles(AsyncContents):
    """A file is given as such, or by its id. What is not there, or is somebody else's, raises NotFound."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._uploading = Uploading(connection, self.at)
        self._downloading = Downloading(connection)

    def list(
        self,
        *,
        prefix: str = "",
        folder: str | None = None,
        q: str = "",
        content_type: str = "",
        tags: Sequence[str] = (),
        sort: str | None = None,
        trashed: bool = False,
    ) -> AsyncIterator[FoundFile]:
        """Those that meet all conditions; pages are asked for as they are needed.

        `prefix` is how the path begins, or else `folder` is where the file is directly (empty: at the top);
        `content_type` is exact or like `image/*`; `sort` is `name`, `path`, `size`, `created_at`, `updated_at`, each
        also with `-` before it, or `-relevance`. Without it: newest first, with `q` the best first, in a folder by
        name, with a prefix by path.
        """
        wanted = _search(prefix, folder, q, content_type, tags, sort, trashed=trashed)
        return self._connection.pages(FoundFile, "/files", wanted)

    async def at(self, path: str) -> File:
        """The one at exactly that path."""
        path = normal(path)
        query: Query = {"prefix": path, "sort": "path", "limit": 1}
        async for file in self._connection.pages(File, "/files", query):
            if file.path == path:
                return file
            break
        raise NotFound(f"There is no file at {path}", slug="file-not-found")

    async def get(self, file: AnyFile) -> File:
        """With what was derived of it."""
        return await self._connection.ask(File, "GET", file_address(file))

    async def update(
        self,
        file: AnyFile,
        *,
        path: str | None = None,
        filename: str | None = None,
        tags: Sequence[str] | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> File:
        """What is left out stays. `path` moves, `filename` renames within the folder.

        Raises Conflict (`path-taken`), Unprocessable (`invalid-path`).
        """
        given: dict[str, object] = {
            "path": path,
            "filename": filename,
            "tags": None if tags is None else list(tags),
            "metadata": None if metadata is None else dict(metadata),
        }
        change = {name: value for name, value in given.items() if value is not None}
        return await self._connection.ask(File, "PATCH", file_address(file), json=change)

    async def trash(self, file: AnyFile) -> None:
        await self._connection.tell("DELETE", file_address(file))

    async def delete(self, file: AnyFile) -> None:
        """For good, also out of the trash."""
        await self._connection.tell("DELETE", file_address(file), query={"permanent": True})

    async def restore(self, file: AnyFile, *, version: int | None = None, path: str | None = None) -> File:
        """Back to an earlier version, which becomes a new one; without, out of the trash, if need be to another `path`.

        Raises Conflict (`path-taken`).
        """
        wanted = {"version": version, "path": path}
        return await self._connection.ask(File, "POST", f"{file_address(file)}/restore", json=wanted)

    async def copy(self, file: AnyFile, path: str) -> File:
        """Raises Conflict (`path-taken`), QuotaExceeded."""
        return await self._connection.ask(File, "POST", f"{file_address(file)}/copy", json={"path": path})

    def versions(self, file: AnyFile) -> AsyncIterator[Version]:
        """Newest first."""
        return self._connection.pages(Version, f"{file_address(file)}/versions")

    async def empty_trash(self) -> int:
        """How many files were removed for good."""
        return (await self._connection.ask(_Emptied, "DELETE", "/files/trash")).file_count

    async def usage(self) -> Usage:
        return await self._connection.ask(Usage, "GET", "/files/usage")

    def export_csv(
        self,
        *,
        prefix: str = "",
        folder: str | None = None,
        q: str = "",
        content_type: str = "",
        tags: Sequence[str] = (),
        sort: str | None = None,
        trashed: bool = False,
        formula_safe: bool = True,
    ) -> AsyncIterator[bytes]:
        """The same list as `list`, as CSV (RFC 4180) in pieces of any size."""
        wanted = _search(prefix, folder, q, content_type, tags, sort, trashed=trashed)
        return self._streamed("/files/export/csv", {**wanted, "formula_safe": formula_safe})

    async def put(
        self,
        source: Source,
        path: str,
        *,
        content_type: str | None = None,
        progress: Progress | None = None,
        if_match: str | None = None,
        if_none_match: str | None = None,
        states: UploadStates | None = None,
    ) -> File:
        """A file at `path`, or a new version of the one that is there.

        `source` is a Path, bytes, a binary file, or an iterable (asynchronous or not) of bytes. A large one goes in
        pieces, each with its checksum, and goes on after a cut; with `states` also from another process. `if_match` and
        `if_none_match` (`*`: only if there is none) are entity tags (RFC 9110 §13.1), checked once all has arrived, for
        which it goes in one piece. What arrived is compared with what was read by SHA-256.

        Raises PreconditionFailed, QuotaExceeded, ContentTooLarge, Unprocessable (`invalid-path`), Damaged,
        SourceChanged, Interrupted, OSError of the source.
        """
        conditions = {"If-Match": if_match, "If-None-Match": if_none_match}
        return await self._uploading.put(
            source,
            path,
            content_type=content_type,
            progress=progress,
            conditions={name: value for name, value in conditions.items() if value is not None},
            states=states,
        )

    async def download(
        self,
        file: AnyFile,
        to: Path,
        *,
        version: int | None = None,
        parallel: int = 4,
        progress: Progress | None = None,
    ) -> Path:
        """Into the file `to`, or into one of its own name in the folder `to`; answers which.

        It is `….strongroom-part` until all of it is there and its SHA-256 is right, so that `to` is whole or as before.
        One that broke off goes on where it was, also by a later call; if the file has changed meanwhile, it begins
        again. A large one comes in up to `parallel` ranges at a time (RFC 9110 §14).

        Raises Damaged, Interrupted, OSError.
        """
        described = file if isinstance(file, File) else await self.get(file)
        return await self._downloading.download(described, to, version=version, parallel=parallel, progress=progress)

    def stream(
        self, file: AnyFile, *, start: int = 0, end: int | None = None, version: int | None = None
    ) -> AsyncIterator[bytes]:
        """Its bytes from `start` up to `end` (not included), in pieces of any size; a cut connection is made again.

        Raises PreconditionFailed if it became another meanwhile, Interrupted.
        """
        return self._downloading.stream(file_address(file), start=start, end=end, version=version)

    async def _streamed(self, path: str, query: Query) -> AsyncIterator[bytes]:
        async with self._connection.opened("GET", path, query=query) as answer:
            async for chunk in chunks(answer):
                yield chunk


def _search(
    prefix: str,
    folder: str | None,
    q: str,
    content_type: str,
    tags: Sequence[str],
    sort: str | None,
    *,
    trashed: bool,
) -> Query:
    return {
        "prefix": normal(prefix) or None,
        "folder": None if folder is None else normal(folder),
        "q": q or None,
        "content_type": content_type or None,
        "tag": tags,
        "sort": sort,
        "trashed": trashed or None,
    }

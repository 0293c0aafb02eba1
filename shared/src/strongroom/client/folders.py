"""Folders, which are there as long as a file is in them."""

from collections.abc import AsyncIterator

from strongroom.client.connection import Connection
from strongroom.client.file_models import Folder
from strongroom.client.paths import normal, quoted
from strongroom.client.wire import Wire


class _Concerned(Wire):
    file_count: int


class AsyncFolders:
    """Each change is one transaction, however many files; what is answered is how many it concerned."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self, folder: str = "") -> AsyncIterator[Folder]:
        """Those directly in `folder`, by name; empty for the root."""
        prefix = f"{normal(folder.strip('/'))}/" if folder.strip("/") else ""
        return self._connection.pages(Folder, "/files/folders", {"prefix": prefix or None})

    async def move(self, source: str, destination: str) -> int:
        """Raises NotFound, Conflict (`path-taken`), Unprocessable (`folder-into-itself`)."""
        wanted = {"source": source, "destination": destination}
        return (await self._connection.ask(_Concerned, "POST", "/files/folders/move", json=wanted)).file_count

    async def trash(self, folder: str) -> int:
        """Raises NotFound."""
        return await self._removed(folder, permanent=False)

    async def delete(self, folder: str) -> int:
        """For good. Raises NotFound."""
        return await self._removed(folder, permanent=True)

    async def _removed(self, folder: str, *, permanent: bool) -> int:
        path = f"/files/folders/{quoted(normal(folder).removesuffix('/'))}"
        answer = await self._connection.ask(_Concerned, "DELETE", path, query={"permanent": permanent})
        return answer.file_count

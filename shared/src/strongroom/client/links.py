"""Share links: for those who have no account."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

from strongroom.client.connection import Connection
from strongroom.client.file_models import File, Link, NewLink


class AsyncLinks:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def create(
        self,
        file: File | UUID | str | None = None,
        *,
        folder: str | None = None,
        expires_at: datetime | None = None,
        password: str | None = None,
        max_downloads: int | None = None,
    ) -> NewLink:
        """To a file (or its id) or to a folder. `expires_at` is aware. Its `url` is told this once. Raises NotFound."""
        if (file is None) == (folder is None):
            raise TypeError("a link is to a file or to a folder")
        if expires_at is not None and expires_at.tzinfo is None:
            raise ValueError("expires_at needs its offset from UTC")
        terms: dict[str, object] = {
            "expires_at": expires_at and expires_at.isoformat(),
            "password": password,
            "max_downloads": max_downloads,
        }
        if file is None:
            return await self._connection.ask(NewLink, "POST", "/files/links", json={"folder": folder, **terms})
        return await self._connection.ask(NewLink, "POST", f"/files/{file_id(file)}/links", json=terms)

    def list(self) -> AsyncIterator[Link]:
        """Newest first."""
        return self._connection.pages(Link, "/files/links")

    async def delete(self, link: Link | UUID | str) -> None:
        """It works no more from this moment on. Raises NotFound."""
        link_id = link.id if isinstance(link, Link) else UUID(str(link))
        await self._connection.tell("DELETE", f"/files/links/{link_id}")


def file_id(file: File | UUID | str) -> UUID:
    """Raises ValueError for what is no id."""
    return file.id if isinstance(file, File) else UUID(str(file))

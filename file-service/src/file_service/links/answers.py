"""Answers a visit of a share link with bytes."""

from starlette.responses import Response

from file_service.archive.errors import EmptyArchive
from file_service.archive.service import Archives
from file_service.conditions import ReadConditions
from file_service.downloads.download_request import DownloadRequest
from file_service.downloads.service import Downloads
from file_service.links.errors import DeadLink
from file_service.links.responses import Taken
from file_service.links.visits import Shared, SharedFile, SharedFolder, Visitor, Visits


class LinkAnswers:
    def __init__(self, visits: Visits, downloads: Downloads, archives: Archives) -> None:
        self._visits = visits
        self._downloads = downloads
        self._archives = archives

    async def look(self, token: str) -> Shared:
        """What can be offered. Raises DeadLink; TooManyFiles where a download would, but not before a password."""
        shared = await self._visits.look(token)
        if isinstance(shared, SharedFolder) and shared.link.password_hash is None:
            self._archives.require_few(shared.files)
        return shared

    async def answer(self, token: str, visitor: Visitor, wanted: DownloadRequest) -> Response:
        """Raises what `Visits.admit` and `Downloads.answer` raise, and TooManyFiles.

        Where downloads are counted each is of the whole: a part, or the news that nothing changed, would be free.
        """
        shared = await self._visits.admit(token, visitor)
        if shared.link.max_downloads is None:
            return await self._bytes(shared, wanted)
        response = await self._bytes(shared, DownloadRequest(wanted.method, ReadConditions(), None, inline=False))
        response.headers["Accept-Ranges"] = "none"
        if wanted.method == "HEAD":
            return response
        await self._visits.take(shared.link)
        return Taken(response, lambda: self._visits.give_back(shared.link))

    async def _bytes(self, shared: Shared, wanted: DownloadRequest) -> Response:
        match shared:
            case SharedFile(file=file, version=version):
                return self._downloads.answer(wanted, file, version)
            case SharedFolder():
                return await self._zip(shared, wanted)

    async def _zip(self, shared: SharedFolder, wanted: DownloadRequest) -> Response:
        try:
            archive = await self._archives.of_folder(shared.link.owner_id, shared.folder)
        except EmptyArchive as error:
            raise DeadLink from error
        if wanted.method != "HEAD":
            return archive.answer()
        response = Response(headers=archive.headers())
        if archive.size is None:
            del response.headers["Content-Length"]  # which would be that of no body
        return response

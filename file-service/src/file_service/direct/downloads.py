"""Says where a file's bytes can be fetched from the store itself."""

from uuid import UUID

from file_service.direct.signing import SignedUrl, Signing
from file_service.downloads.representation import Representation
from file_service.files.history import History


class DirectDownloads:
    def __init__(self, signing: Signing, history: History) -> None:
        self._signing = signing
        self._history = history

    async def address(self, account: UUID, file_id: UUID, number: int | None, *, inline: bool) -> SignedUrl:
        """Of a version, or of the current one. Raises FileNotFound, VersionNotFound."""
        file, version = await self._history.find(account, file_id, number)
        return self._signing.download(Representation(file, version, inline))

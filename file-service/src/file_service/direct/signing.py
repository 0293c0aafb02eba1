"""Gives away addresses of the store, as narrow and as short-lived as will do."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from file_service.direct.errors import DirectTransfersOff
from file_service.direct.layout import Layout
from file_service.downloads.representation import Representation
from file_service.resumable.repository import Upload
from file_service.storage.public_urls import PublicUrls

# A request must begin within it, and may last longer.
_PART_LASTS = timedelta(hours=1)
_DOWNLOAD_LASTS = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class SignedUrl:
    url: str
    expires_at: datetime


class Signing:
    """Without `urls` everything here raises DirectTransfersOff."""

    def __init__(self, urls: PublicUrls | None, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._urls = urls
        self._clock = clock

    def require(self) -> PublicUrls:
        if self._urls is None:
            raise DirectTransfersOff
        return self._urls

    def part(self, upload: Upload, number: int) -> SignedUrl:
        """For that part and no other, with as many bytes as it has to have."""
        assert upload.object_key is not None and upload.multipart_id is not None  # noqa: PT018
        now = self._clock()
        until = now + _PART_LASTS
        size = Layout.of(upload).size_of(number)
        url = self.require().part(upload.object_key, upload.multipart_id, number, size=size, since=now, until=until)
        return SignedUrl(url, until)

    def download(self, shown: Representation) -> SignedUrl:
        """Under the name and the type that a download through here has."""
        now = self._clock()
        until = now + _DOWNLOAD_LASTS
        described = shown.headers()
        headers = {name: described[name] for name in ("Content-Type", "Content-Disposition", "Cache-Control")}
        url = self.require().object(shown.version.content.object_key, headers=headers, since=now, until=until)
        return SignedUrl(url, until)

"""The port to addresses of the store that are given away: whoever knows one may do one thing with it, for a while."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol


class PublicUrls(Protocol):
    """Nothing is asked of the store for them, and none can be taken back. `since` and `until` are by our clock."""

    def part(self, key: str, upload_id: str, number: int, *, size: int, since: datetime, until: datetime) -> str:
        """To PUT exactly `size` bytes to, as that part of that upload. Of no use once the upload is over."""
        ...

    def object(self, key: str, *, headers: Mapping[str, str], since: datetime, until: datetime) -> str:
        """To GET the object from, or parts of it. The answer says `headers`, whatever is stored."""
        ...

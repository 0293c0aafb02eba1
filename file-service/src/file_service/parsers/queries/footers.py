"""The footers of copies that were read lately, for the next query on the same one."""

from collections import OrderedDict
from typing import Final

import pyarrow.parquet as pq

BYTES: Final = 4 * 1024 * 1024  # of footers as they stand in their files; in memory they take some times that


class Footers:
    def __init__(self) -> None:
        self._kept: OrderedDict[str, pq.FileMetaData] = OrderedDict()

    def get(self, key: str | None) -> pq.FileMetaData | None:
        if key is None or key not in self._kept:
            return None
        self._kept.move_to_end(key)
        return self._kept[key]

    def keep(self, key: str | None, footer: pq.FileMetaData) -> None:
        """Until those that were used since take up the room. None is no key, and nothing is kept."""
        if key is None:
            return
        self._kept[key] = footer
        while sum(kept.serialized_size for kept in self._kept.values()) > BYTES:
            self._kept.popitem(last=False)

"""What of a log somebody wants to hear."""

import re
from collections.abc import Collection

from file_service.events.errors import NoSuchFilter
from file_service.events.repository import Event

_TYPE = re.compile(r"[a-z]+\.(\*|[a-z]+)")
_MOST_TYPES = 50


class Wanted:
    """Events of one of the `types`, where `file.*` is all of a kind, and none means all; at paths behind `prefix`.

    What was moved away from there is wanted too. Raises NoSuchFilter.
    """

    def __init__(self, types: Collection[str] = (), prefix: str = "") -> None:
        if len(types) > _MOST_TYPES:
            raise NoSuchFilter(f"At most {_MOST_TYPES} types can be named")
        for one in types:
            if not _TYPE.fullmatch(one):
                raise NoSuchFilter("A type is like file.created, or file.* for all of a kind")
        self._types = frozenset(types)
        self._prefix = prefix

    def __contains__(self, event: Event) -> bool:
        return self._is_of_type(event.type) and self._is_inside(event)

    def _is_of_type(self, kind: str) -> bool:
        return not self._types or kind in self._types or f"{kind.partition('.')[0]}.*" in self._types

    def _is_inside(self, event: Event) -> bool:
        if not self._prefix:
            return True
        return any(path is not None and path.startswith(self._prefix) for path in (event.path, event.previous_path))

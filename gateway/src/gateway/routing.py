"""Decides which service a path belongs to."""

import posixpath
from collections.abc import Collection, Mapping
from typing import Generic, TypeVar

T = TypeVar("T")


class Routes(Generic[T]):
    """Prefixes of whole path segments: `/auth` owns `/auth` and `/auth/x`, not `/authors`. The longest one wins.

    What is below one of `private`, in lower case, belongs to nobody, however it is written: services keep it for each
    other.
    """

    def __init__(self, owners: Mapping[str, T], *, private: Collection[str] = ()) -> None:
        self._private = [(prefix, f"{prefix}/", posixpath.basename(prefix)) for prefix in private]
        longest_first = sorted(owners, key=len, reverse=True)
        self._routes = [(prefix, f"{prefix}/", owners[prefix]) for prefix in longest_first]

    def owner(self, path: str) -> T | None:
        for prefix, below, owner in self._routes:
            if path == prefix or path.startswith(below):
                return None if self._hides(path) else owner
        return None

    def _hides(self, path: str) -> bool:
        """Also by dots, double slashes and capitals, which no service of ours would take for the same."""
        path = path.lower()
        for prefix, below, name in self._private:
            if name in path:
                plain = posixpath.normpath(path)
                if plain == prefix or plain.startswith(below):
                    return True
        return False

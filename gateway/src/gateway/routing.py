"""Decides which service a path belongs to."""

from collections.abc import Mapping
from typing import Generic, TypeVar

T = TypeVar("T")


class Routes(Generic[T]):
    """Prefixes of whole path segments: `/auth` owns `/auth` and `/auth/x`, not `/authors`. The longest one wins."""

    def __init__(self, owners: Mapping[str, T]) -> None:
        longest_first = sorted(owners, key=len, reverse=True)
        self._routes = [(prefix, f"{prefix}/", owners[prefix]) for prefix in longest_first]

    def owner(self, path: str) -> T | None:
        for prefix, below, owner in self._routes:
            if path == prefix or path.startswith(below):
                return owner
        return None

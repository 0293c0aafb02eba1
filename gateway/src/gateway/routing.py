"""Decides which service a path belongs to, and what is asked of it."""

from collections.abc import Mapping
from typing import Generic, TypeVar

from starlette.types import Scope

from strongroom.errors import BadRequest

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


def raw_target(scope: Scope) -> bytes:
    """The path and query as the client wrote them: decoding and encoding again could change what they mean."""
    path: bytes = scope["raw_path"]
    if not path.startswith(b"/"):
        # It is appended to a service's origin, so anything else could name another host.
        raise BadRequest("The request target is not a path")
    query: bytes = scope["query_string"]
    return path + b"?" + query if query else path

"""Lets an application end a connection whose client takes nothing any more, so that nothing could be sent to end it."""

from collections.abc import Callable

from starlette.types import Scope

Cut = Callable[[int, str], None]

_EXTENSION = "strongroom.cut"


def offer_cut(scope: Scope, cut: Cut) -> None:
    """For protocols: how the connection of this scope is ended."""
    scope.setdefault("extensions", {})[_EXTENSION] = cut


def cut_of(scope: Scope) -> Cut | None:
    """Called with a close code and a reason, which a WebSocket's client is told if it reads on within ten seconds.

    None where the server cannot do so.
    """
    cut: Cut | None = scope.get("extensions", {}).get(_EXTENSION)
    return cut

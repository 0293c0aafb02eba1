"""Decides how much of what may be granted is granted."""

from collections.abc import Iterable

from auth_service.oauth.errors import InvalidScope


def narrow(may_have: Iterable[str], requested: str | None) -> str:
    """The requested scope, or all that may be had. It narrows and never widens: InvalidScope for anything more."""
    possible = tuple(may_have)
    if requested is None:
        return " ".join(possible)
    wanted = dict.fromkeys(requested.split())
    if not wanted or not wanted.keys() <= set(possible):
        raise InvalidScope
    return " ".join(wanted)

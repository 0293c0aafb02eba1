"""What the roles allow."""

from collections.abc import Iterable

from auth_service.oauth.errors import InvalidScope

_BY_ROLE = {
    "user": ("openid", "profile", "email", "account", "files:read", "files:write"),
    "admin": ("admin",),
}

ALL_SCOPES = tuple(dict.fromkeys(scope for scopes in _BY_ROLE.values() for scope in scopes))


def allowed(roles: Iterable[str]) -> tuple[str, ...]:
    return tuple(scope for role in sorted(roles, reverse=True) for scope in _BY_ROLE.get(role, ()))


def narrow(may_have: Iterable[str], requested: str | None) -> str:
    """The requested scope, or all that may be had. It narrows and never widens: InvalidScope for anything more."""
    possible = tuple(may_have)
    if requested is None:
        return " ".join(possible)
    wanted = dict.fromkeys(requested.split())
    if not wanted or not possible or not wanted.keys() <= set(possible):
        raise InvalidScope
    return " ".join(wanted)

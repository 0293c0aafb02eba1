"""What Strongroom's FastAPI services share, and what an outside service needs to be protected by its tokens."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from strongroom.web.bearer import protect, scoped

__all__ = ["protect", "scoped"]


def __getattr__(name: str) -> object:
    """Imported when it is asked for (PEP 562): what only needs settings is not to wait for FastAPI."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from strongroom.web import bearer

    return getattr(bearer, name)

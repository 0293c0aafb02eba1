"""What Strongroom's FastAPI services share, and what an outside service needs to be protected by its tokens."""

from strongroom.web.bearer import protect, scoped

__all__ = ["protect", "scoped"]

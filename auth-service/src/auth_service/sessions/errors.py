"""How dealing with sessions can fail."""

from strongroom.errors import NotFound


class SessionNotFound(NotFound):
    """Also raised for someone else's session, so that ids cannot be probed."""

    slug = "session-not-found"
    title = "There is no such session"

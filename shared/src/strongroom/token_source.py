"""The port through which a `ServiceClient` gets its tokens."""

from typing import Protocol

from strongroom.errors import Unavailable


class TokenUnavailable(Unavailable):
    """No token could be had, so nothing was sent."""

    slug = "token-unavailable"
    title = "No access token can be had to call another service with"


class TokenSource(Protocol):
    async def token(self) -> str:
        """One that is good for a call now. Raises TokenUnavailable."""
        ...

    def discard(self, token: str) -> None:
        """It was refused: the next one is another, if there is reason to hope for that. Never fails."""
        ...

"""An access token out of the environment, as programs of a pipeline get one."""


class GivenToken:
    """A `TokenSource` that has one token and can get no other."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def token(self) -> str:
        return self._token

    def discard(self, token: str) -> None:
        """There is none to take its place."""

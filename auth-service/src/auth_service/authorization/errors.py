"""How an app's request can be refused (RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6)."""

from strongroom.errors import BadRequest


class BrokenRequest(BadRequest):
    """Not even the address to send the answer to is certain: the person is told, and sent nowhere."""

    slug = "broken-authorization-request"
    title = "The app that sent you here made a mistake"


class RequestRefused(Exception):
    """Told to the app, by sending the person back to it. `error` is one of the RFC's codes."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description

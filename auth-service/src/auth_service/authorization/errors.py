"""How an app's request can be refused (RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6)."""

from auth_service.authorization.return_address import ReturnAddress
from strongroom.errors import AppError, BadRequest


class BrokenRequest(BadRequest):
    """Not even the address to send the answer to is certain: the person is told, and sent nowhere."""

    slug = "broken-authorization-request"
    title = "The app that sent you here made a mistake"


class FormExpired(BadRequest):
    """The form was not given to this browser by us, or too long ago."""

    slug = "form-expired"
    title = "This page is too old; go back to the app and start again"


class RequestRefused(AppError):
    """Told to the app, by sending the person back to it. `error` is one of the RFC's codes."""

    def __init__(self, back: ReturnAddress, error: str, description: str) -> None:
        super().__init__(description)
        self.back = back
        self.error = error
        self.description = description

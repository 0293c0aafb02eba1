"""How dealing with clients can fail."""

from strongroom.errors import NotFound, Unprocessable


class ClientNotFound(NotFound):
    slug = "client-not-found"
    title = "There is no such client"


class InvalidRedirectUri(Unprocessable):
    slug = "invalid-redirect-uri"
    title = "An app cannot be sent back to this address"

"""How dealing with clients can fail."""

from strongroom.errors import Conflict, NotFound, Unprocessable


class ClientNotFound(NotFound):
    slug = "client-not-found"
    title = "There is no such client"


class PublicClient(Conflict):
    """With a secret, the copies of the app on people's devices would be locked out."""

    slug = "public-client"
    title = "This client is registered as one that keeps no secret"


class InvalidRedirectUri(Unprocessable):
    slug = "invalid-redirect-uri"
    title = "An app cannot be sent back to this address"

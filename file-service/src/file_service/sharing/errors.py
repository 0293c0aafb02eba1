"""How sharing can fail."""

from strongroom.errors import NotFound, Unprocessable


class ShareNotFound(NotFound):
    """Also raised for a share that is between others."""

    slug = "share-not-found"
    title = "There is no such share"


class SharedWithOwner(Unprocessable):
    slug = "shared-with-owner"
    title = "The file is this account's own already"

"""How dealing with files can fail."""

from strongroom.errors import NotFound, Unprocessable


class FileNotFound(NotFound):
    """Also raised for someone else's file, so that ids cannot be probed."""

    slug = "file-not-found"
    title = "There is no such file"


class InvalidPath(Unprocessable):
    slug = "invalid-path"
    title = "A file cannot have this name"
